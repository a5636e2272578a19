import type { Database, Log } from "../db/index.ts";
import { createDueLoop, type DueLoop } from "../due-loop.ts";
import { processTimers } from "../engine/index.ts";
import { createTakeFound, type Intake } from "../inbox/index.ts";
import { type PollObserver, pollTracker } from "./polling/poll-tracker.ts";
import { claimDue, nextDueInMs } from "./polling/polls.store.ts";
import { type DoorDeps, openTracker } from "./tracker-door.ts";

/** They wait for the trackers most of the time; each holds a page in memory. */
const AT_ONCE = 8;
const MAX_WAIT_MS = 600_000;

export interface PollTrackersDeps extends Omit<DoorDeps, "pool"> {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly take: Intake;
  readonly observer?: PollObserver | undefined;
  readonly log: Pick<Log, "warn">;
}

export interface PollTrackersOptions {
  /** A change that is younger may still be delivered, and is left alone. */
  readonly graceMs?: number;
}

export interface PollingTrackers {
  readonly runOnce: DueLoop["runOnce"];
  /** Resolves when those that are due are being polled. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** Forges deliver within seconds; one that is behind by more has lost it, or sends it as a duplicate. */
const GRACE_MS = 60_000;

/** Runs write with the same token, and people may. */
const LEFT_TO_OTHERS = 0.1;

/** What a scheduler does for trackers: it finds in them what no webhook has told, and brings it in as one. */
export function pollTrackers(
  deps: PollTrackersDeps,
  { graceMs = GRACE_MS }: PollTrackersOptions = {},
): PollingTrackers {
  const { database, take, observer, log, now } = deps;
  const { pool } = database;
  const takeFound = createTakeFound(take);
  const loop = createDueLoop({
    ...{ atOnce: AT_ONCE, maxWaitMs: MAX_WAIT_MS },
    claimDue: (limit) => claimDue(pool, limit),
    nextDueInMs: () => nextDueInMs(pool),
    failureOf: ({ name }) => `the tracker ${name} could not be polled`,
    lookFailure: "trackers could not be looked at",
    handle: (tracker, signal) =>
      pollTracker(
        tracker,
        {
          ...{ database, takeFound, observer, now, graceMs },
          open: (due) => openTracker(due, deps).forge(LEFT_TO_OTHERS),
        },
        signal,
      ),
    timers: processTimers,
    onError: (error, what) => log.warn({ err: error }, what),
  });
  let stop = async (): Promise<void> => {};
  return {
    runOnce: loop.runOnce,
    async begin() {
      const listening = await database.listen("yard_trackers", loop.wake, {
        onReconnect: loop.wake,
      });
      stop = () => listening.stop();
      loop.wake();
    },
    async close() {
      await stop();
      await loop.close();
    },
  };
}
