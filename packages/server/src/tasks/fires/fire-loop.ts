import { isConnectionLoss } from "../../db/index.ts";
import type { Timers } from "../../engine/index.ts";
import { nameOf } from "../task-row.ts";
import type { DueTask } from "./fires.store.ts";

export interface FireLoopDeps {
  readonly claimDue: (limit: number) => Promise<readonly DueTask[]>;
  readonly nextDueInMs: () => Promise<number | undefined>;
  readonly fireTask: (task: DueTask) => Promise<void>;
  readonly timers: Timers;
  readonly onError: (error: unknown, what: string) => void;
}

export interface FireLoop {
  /** One look: fires what is due, and says in how many milliseconds the next is. For tests; it looks by itself. */
  runOnce(): Promise<number | undefined>;
  /** Something may be due earlier than was known. */
  wake(): void;
  /** Waits for what is being fired. */
  close(): Promise<void>;
}

const BATCH = 500;
/** The clock of the database may be set while this process waits by another. */
const MAX_WAIT_MS = 3_600_000;
const AGAIN_AFTER_ERROR_MS = 1_000;

/** Fires tasks when they are due: one timer for the next, woken when something changes. In between it asks nothing. */
export function createFireLoop(deps: FireLoopDeps): FireLoop {
  let cancelTimer = (): void => {};
  let round: Promise<void> | undefined;
  let isWoken = false;
  let isClosed = false;

  async function runOnce(): Promise<number | undefined> {
    for (;;) {
      const due = await deps.claimDue(BATCH);
      await Promise.all(due.map(fire));
      if (due.length < BATCH) return await deps.nextDueInMs();
    }
  }

  /** One that cannot be fired is tried again when the claim is over, and holds up no other. */
  async function fire(task: DueTask): Promise<void> {
    try {
      await deps.fireTask(task);
    } catch (error) {
      if (!isConnectionLoss(error))
        deps.onError(error, `the task ${nameOf(task)} could not be fired; trying again`);
    }
  }

  function wake(): void {
    isWoken = true;
    cancelTimer();
    round ??= look();
  }

  async function look(): Promise<void> {
    let inMs: number | undefined;
    while (isWoken && !isClosed) {
      isWoken = false;
      inMs = await runOnce().catch((error: unknown) => {
        if (!isConnectionLoss(error))
          deps.onError(error, "tasks could not be looked at; trying again");
        return AGAIN_AFTER_ERROR_MS;
      });
    }
    round = undefined;
    if (inMs !== undefined && !isClosed)
      cancelTimer = deps.timers.after(Math.min(Math.max(Math.ceil(inMs), 1), MAX_WAIT_MS), wake);
  }

  return {
    runOnce,
    wake,
    async close() {
      isClosed = true;
      cancelTimer();
      await round;
    },
  };
}
