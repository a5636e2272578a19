import type { Pool } from "pg";
import { endedAmong, livingProcesses, type ProcessView, setSessionUrl } from "./sessions.store.ts";

/** The processes of the installation, for features whose rows say which of them holds something. */
export interface Processes {
  /** Of this one. Changes when its session was ended from outside: then what it held is held anew under the new id. */
  id(): string;
  /** Where its API listens; told to the others, again under each new id. */
  announce(url: string): Promise<void>;
  /** Those that live, as of the last half second. */
  living(): Promise<readonly ProcessView[]>;
  /** Of these ids, those of processes that are gone for good. */
  endedAmong(ids: readonly string[]): Promise<readonly string[]>;
}

const FRESH_MS = 500;

export interface ProcessesDeps {
  readonly pool: Pool;
  readonly id: () => string;
  readonly monotonicMs: () => number;
}

export function createProcesses({ pool, id, monotonicMs }: ProcessesDeps) {
  let url: string | undefined;
  let asked: { readonly atMs: number; readonly answer: Promise<ProcessView[]> } | undefined;

  function living(): Promise<readonly ProcessView[]> {
    if (asked !== undefined && monotonicMs() - asked.atMs < FRESH_MS) return asked.answer;
    const asking = { atMs: monotonicMs(), answer: livingProcesses(pool) };
    asked = asking;
    asking.answer.catch(() => {
      if (asked === asking) asked = undefined;
    });
    return asking.answer;
  }

  const processes: Processes = {
    id,
    living,
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
