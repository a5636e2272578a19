import { isConnectionLoss } from "./db/index.ts";
import type { Timers } from "./engine/index.ts";

export interface DueLoopDeps<Item> {
  /** So many are claimed and handled at once. */
  readonly atOnce: number;
  readonly claimDue: (limit: number) => Promise<readonly Item[]>;
  /** Undefined: nothing is due at any time. */
  readonly nextDueInMs: () => Promise<number | undefined>;
  /** One that breaks is due again when its claim is over, and holds up no other. The signal: the loop is closed. */
  readonly handle: (item: Item, signal: AbortSignal) => Promise<void>;
  /** What is said of one that broke: `the task house.nightly could not be fired`. */
  readonly failureOf: (item: Item) => string;
  /** What is said where it cannot be known what is due. */
  readonly lookFailure: string;
  /** Looks again after that at the latest: the clock of the database may be set while this process waits by another. */
  readonly maxWaitMs: number;
  readonly timers: Timers;
  readonly onError: (error: unknown, what: string) => void;
}

export interface DueLoop {
  /** One look: handles what is due, and says in how many milliseconds the next is. For tests; it looks by itself. */
  runOnce(): Promise<number | undefined>;
  /** Something may be due earlier than was known. */
  wake(): void;
  /** Aborts what is being handled, and waits for it. */
  close(): Promise<void>;
}

const AGAIN_AFTER_ERROR_MS = 1_000;

/** Handles rows when they are due: one timer for the next, woken when something changes. In between it asks nothing. */
export function createDueLoop<Item>(deps: DueLoopDeps<Item>): DueLoop {
  const closed = new AbortController();
  let cancelTimer = (): void => {};
  let round: Promise<void> | undefined;
  let isWoken = false;

  async function runOnce(): Promise<number | undefined> {
    for (;;) {
      const due = await deps.claimDue(deps.atOnce);
      await Promise.all(due.map(handle));
      if (due.length < deps.atOnce) return await deps.nextDueInMs();
      if (closed.signal.aborted) return undefined;
    }
  }

  async function handle(item: Item): Promise<void> {
    try {
      await deps.handle(item, closed.signal);
    } catch (error) {
      // What was broken off at the end is no failure.
      if (!isConnectionLoss(error) && !closed.signal.aborted)
        deps.onError(error, `${deps.failureOf(item)}; trying again`);
    }
  }

  function wake(): void {
    isWoken = true;
    cancelTimer();
    round ??= look();
  }

  async function look(): Promise<void> {
    let inMs: number | undefined;
    while (isWoken && !closed.signal.aborted) {
      isWoken = false;
      inMs = await runOnce().catch((error: unknown) => {
        if (!isConnectionLoss(error)) deps.onError(error, `${deps.lookFailure}; trying again`);
        return AGAIN_AFTER_ERROR_MS;
      });
    }
    round = undefined;
    if (inMs === undefined || closed.signal.aborted) return;
    const waitMs = Math.min(Math.max(Math.ceil(inMs), 1), deps.maxWaitMs);
    cancelTimer = deps.timers.after(waitMs, wake);
  }

  return {
    runOnce,
    wake,
    async close() {
      closed.abort();
      cancelTimer();
      await round;
    },
  };
}
