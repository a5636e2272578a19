import type { Timers } from "../scheduler/timers.ts";

export interface LaneTimer {
  /** A lane with ready attempts starts some again in so many milliseconds. */
  heldFor(inMs: number): void;
  close(): void;
}

/** Looks at the lanes again when the first whose rate was used up may go on: nobody else would say so. */
export function createLaneTimer(
  { timers, monotonicMs }: { readonly timers: Timers; readonly monotonicMs: () => number },
  onDue: () => void,
): LaneTimer {
  let nextAt = Number.POSITIVE_INFINITY;
  let cancel = (): void => {};
  return {
    heldFor(inMs) {
      // A timer may fire a little before its time, by the clock of PostgreSQL: a look then would be for nothing.
      const waitMs = Math.max(Math.ceil(inMs), 0) + 1;
      const at = monotonicMs() + waitMs;
      if (at >= nextAt) return;
      cancel();
      nextAt = at;
      cancel = timers.after(waitMs, () => {
        nextAt = Number.POSITIVE_INFINITY;
        onDue();
      });
    },
    close: () => cancel(),
  };
}
