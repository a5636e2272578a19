import { isConnectionLoss } from "../../db/index.ts";
import type { Timers } from "../../engine/index.ts";
import type { DueTracker } from "./polls.store.ts";

export interface PollLoopDeps {
  readonly claimDue: (limit: number) => Promise<readonly DueTracker[]>;
  readonly nextDueInMs: () => Promise<number | undefined>;
  readonly poll: (tracker: DueTracker, signal: AbortSignal) => Promise<void>;
  readonly timers: Timers;
  readonly onError: (error: unknown, what: string) => void;
}

export interface PollLoop {
  /** One look: polls what is due, and says in how many milliseconds the next is. For tests; it looks by itself. */
  runOnce(): Promise<number | undefined>;
  /** Something may be due earlier than was known. */
  wake(): void;
  /** Breaks off what is being asked, and waits for that. */
  close(): Promise<void>;
}

/** They wait for the trackers most of the time; each holds a page in memory. */
const AT_ONCE = 8;
/** The clock of the database may be set while this process waits by another. */
const MAX_WAIT_MS = 600_000;
const AGAIN_AFTER_ERROR_MS = 1_000;

/** Polls trackers when they are due: one timer for the next, woken when something changes. In between it asks nothing. */
export function createPollLoop(deps: PollLoopDeps): PollLoop {
  const closed = new AbortController();
  let cancelTimer = (): void => {};
  let round: Promise<void> | undefined;
  let isWoken = false;

  async function runOnce(): Promise<number | undefined> {
    const due = await deps.claimDue(AT_ONCE);
    await Promise.all(due.map(pollOne));
    return due.length < AT_ONCE ? await deps.nextDueInMs() : 0;
  }

  /** One that breaks is polled again when its claim is over, and holds up no other. */
  async function pollOne(tracker: DueTracker): Promise<void> {
    try {
      await deps.poll(tracker, closed.signal);
    } catch (error) {
      if (!isConnectionLoss(error) && !closed.signal.aborted)
        deps.onError(error, `the tracker ${tracker.name} could not be polled; trying again`);
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
        if (!isConnectionLoss(error))
          deps.onError(error, "trackers could not be looked at; trying again");
        return AGAIN_AFTER_ERROR_MS;
      });
    }
    round = undefined;
    if (inMs !== undefined && !closed.signal.aborted)
      cancelTimer = deps.timers.after(Math.min(Math.max(Math.ceil(inMs), 1), MAX_WAIT_MS), wake);
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
