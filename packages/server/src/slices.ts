import { setImmediate as nextTurn } from "node:timers/promises";

/** So long a piece of work may hold the event loop, and at most one of its steps more. */
const SLICE_MS = 20;

/** Asked after each step of a work: what to await before the next; undefined where it may go on at once. */
export type Slices = () => Promise<void> | undefined;

/** For work of many steps: the event loop turns whenever those since its last turn took long. */
export function createSlices(monotonicMs = (): number => performance.now()): Slices {
  let beganMs = monotonicMs();
  return () => {
    if (monotonicMs() - beganMs < SLICE_MS) return undefined;
    return nextTurn().then(() => {
      beganMs = monotonicMs();
    });
  };
}
