import type { NewId } from "@yardmaster/protocol";
import { type Database, isConnectionLoss, type Log } from "../db/index.ts";
import { createDueLoop, type DueLoop } from "../due-loop.ts";
import { processTimers } from "../engine/index.ts";
import type { Intake } from "../inbox/index.ts";
import type { Packs } from "../packs/index.ts";
import { createFireTask, type FireDeps } from "./fires/fire-task.ts";
import { claimDue, nextDueInMs } from "./fires/fires.store.ts";
import { createTaskSync } from "./of-packs/sync-tasks.ts";
import { createSchedules } from "./schedules.ts";
import { nameOf } from "./task-row.ts";
import { endPauses } from "./verbs/end-pause.ts";
import { renewZones } from "./zone-rules.ts";

const BATCH = 500;
const MAX_WAIT_MS = 3_600_000;

export interface RunTasksDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly packs: Pick<Packs, "tasks" | "rules" | "refresh" | "onChange" | "onLook">;
  readonly take: Intake;
  readonly audit: FireDeps["audit"];
  readonly onFired: FireDeps["onFired"];
  readonly log: Pick<Log, "warn">;
  readonly newId: NewId;
}

export interface RunningTasks {
  /** Resolves when the tasks of all active packs are known, and those that are due are being fired. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** What a scheduler does for tasks: it takes up those of packs, and fires those that are due. */
export function runTasks(deps: RunTasksDeps): RunningTasks {
  const { database, packs, log } = deps;
  const { pool } = database;
  const schedules = createSchedules();
  const onError = (error: unknown, what: string): void => log.warn({ err: error }, what);
  const sync = createTaskSync({ ...deps, schedules });
  const loop: DueLoop = createDueLoop({
    ...{ atOnce: BATCH, maxWaitMs: MAX_WAIT_MS },
    claimDue: (limit) => claimDue(pool, limit),
    nextDueInMs: () => nextDueInMs(pool),
    handle: createFireTask({ ...deps, schedules, resumeDue: endPauses({ database, schedules }) }),
    failureOf: (task) => `the task ${nameOf(task)} could not be fired`,
    lookFailure: "tasks could not be looked at",
    timers: processTimers,
    onError,
  });

  /** While PostgreSQL is away everything stays as it is. */
  function takeUp(): void {
    void sync().catch((error: unknown) => {
      if (!isConnectionLoss(error))
        onError(error, "the tasks of packs could not be taken up; trying again");
    });
  }

  let stop = async (): Promise<void> => {};
  return {
    async begin() {
      await renewZones(database, schedules);
      await sync();
      const listening = await database.listen("yard_tasks", loop.wake, { onReconnect: loop.wake });
      const unlook = packs.onLook(takeUp);
      stop = async () => {
        unlook();
        await listening.stop();
      };
      loop.wake();
    },
    async close() {
      await stop();
      await loop.close();
    },
  };
}
