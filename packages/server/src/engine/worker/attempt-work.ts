import type { Runners } from "../../runners/index.ts";
import type { EngineDeps } from "../running-engine.types.ts";
import { wasBegunBefore } from "./begun.store.ts";
import { createCarryOut } from "./carry-out.ts";
import { type Claims, type ClaimsDeps, createClaimStore, createClaims } from "./claims.ts";
import type { createLogWriter } from "./log-writer.ts";
import type { WorkerDeps } from "./worker.ts";

export interface AttemptWorkDeps extends EngineDeps {
  readonly logs: Pick<ReturnType<typeof createLogWriter>, "append" | "late" | "flush">;
  readonly onHeld: ClaimsDeps["onHeld"];
  readonly onPutBack: ClaimsDeps["onPutBack"];
  readonly onError: ClaimsDeps["onError"];
}

/** What takes attempts and carries them out, for whoever holds them by a session: this process, or a node. */
export interface AttemptWork {
  claims(holderId: () => string): Claims;
  /** `sure`: see `createCarryOut`. */
  carryOut(
    holderId: () => string,
    runners: Runners,
    sure?: () => Promise<void> | undefined,
  ): WorkerDeps["carryOut"];
}

export function createAttemptWork(deps: AttemptWorkDeps): AttemptWork {
  const { database, definitions, logs, newId, now, monotonicMs } = deps;
  const { onHeld, onPutBack, onError } = deps;
  const store = createClaimStore(database);
  return {
    claims: (sessionId) =>
      createClaims({
        ...{ store, definitions, sessionId, onHeld, onPutBack, onError },
        ...{ newId, now, monotonicMs },
      }),
    carryOut: (sessionId, runners, sure) =>
      createCarryOut({
        ...{ runners, sure, sessionId },
        packFolder: definitions.packFolder,
        workFolders: deps.workFolders,
        filesOf: deps.stepFiles.ofAttempt,
        wasBegunBefore: (attempt) => wasBegunBefore(database.pool, attempt),
        isTraced: deps.takeSpans !== undefined,
        log: logs.append,
        logLate: logs.late,
        flushLog: logs.flush,
      }),
  };
}
