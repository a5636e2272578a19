import type { Pool } from "pg";
import { endedAmong, livingProcesses, type ProcessView, setSessionUrl } from "./sessions.store.ts";

/** The processes of the installation, for features whose rows say which of them holds something. */
export interface Processes {
  /** Of this one. Changes when its session was ended from outside: then what it held is held anew under the new id. */
  id(): string;
  /** Where its API listens; told to the others, again under each new id. */
  announce(url: string): Promise<void>;
  /** How many live besides this one, as of its last look: nothing is asked for it. At least 1 where it never looks. */
  others(): number;
  /** Those that live. */
  living(): Promise<readonly ProcessView[]>;
  /** Of these ids, those of processes that are gone for good. */
  endedAmong(ids: readonly string[]): Promise<readonly string[]>;
}

export interface ProcessesDeps {
  readonly pool: Pool;
  readonly id: () => string;
  readonly others: () => number;
}

export function createProcesses({ pool, id, others }: ProcessesDeps) {
  let url: string | undefined;

  const processes: Processes = {
    id,
    others,
    living: () => livingProcesses(pool),
    endedAmong: (ids) => endedAmong(pool, ids),
    async announce(listening) {
      url = listening;
      await setSessionUrl(pool, id(), listening);
    },
  };
  return {
    processes,
    /** What was announced; a session that is opened anew takes it along. */
    url: () => url,
  };
}
