import type { NotBegun } from "../../runners/index.ts";
import type { Timers } from "../scheduler/timers.ts";

/** How long a worker takes no process after one that it could not begin: twice as long each time, up to the most. */
export const REST_MS = { first: 2_000, most: 60_000 } as const;

/**
 * Who leaves each state and how:
 *
 * - well: takes whatever there is room for, until a process cannot be begun.
 * - resting: takes none, until its time is over.
 * - trying: takes one, and is well when that has begun, or ended in any other way; else it rests longer.
 */
type State = "well" | "resting" | "trying";

export interface RestDeps {
  readonly timers: Timers;
  readonly monotonicMs: () => number;
  /** One may be taken again, or all. */
  readonly onRoom: () => void;
  /** It begins to rest after it was well for long: to be told. */
  readonly onFirst: (why: NotBegun) => void;
}

/**
 * Keeps a worker whose machine cannot begin processes from having what it gives back again at once. Some processes may
 * begin where others cannot (those that need no folder): each rest is longer for as long as the one before is not a
 * whole `REST_MS.most` ago, whatever began between.
 */
export function createRest({ timers, monotonicMs, onRoom, onFirst }: RestDeps) {
  let state: State = "well";
  let isTried = false;
  let restMs = 0;
  let reason: NotBegun | undefined;
  let endedMs = Number.NEGATIVE_INFINITY;
  let cancel = (): void => {};

  return {
    isWell: (): boolean => state === "well",
    /** Why none is taken, or one at a time; undefined while it is well. */
    why: (): NotBegun | undefined => reason,
    /** Of so many places that are free, those that may be taken. */
    roomOf(free: number): number {
      if (state === "well") return free;
      return state === "trying" && !isTried ? Math.min(free, 1) : 0;
    },
    /** A process is about to be begun. */
    taken(): void {
      isTried = true;
    },
    /** It has begun, or ended for another reason than the machine's. */
    begun(): void {
      if (state !== "trying") return;
      state = "well";
      reason = undefined;
      onRoom();
    },
    /** It could not be begun. Of several that were taken together one counts. */
    notBegun(why: NotBegun): void {
      if (state === "resting") return;
      const isAgain = monotonicMs() - endedMs < REST_MS.most;
      restMs = isAgain ? Math.min(2 * restMs, REST_MS.most) : REST_MS.first;
      state = "resting";
      reason = why;
      if (!isAgain) onFirst(why);
      cancel = timers.after(restMs, () => {
        state = "trying";
        isTried = false;
        endedMs = monotonicMs();
        onRoom();
      });
    },
    close: () => cancel(),
  };
}

export type Rest = ReturnType<typeof createRest>;
