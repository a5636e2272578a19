import { setImmediate as nextTurn } from "node:timers/promises";
import type { InSteps } from "@yardmaster/kernel";

/** So long a piece of work may hold the event loop, and at most one of its steps more. */
const SLICE_MS = 20;
/** The same of a work that begins by itself, beside requests: they wait for two or three of these at most. */
const SMALL_SLICE_MS = 5;

/** Asked after each step of a work: what to await before the next; undefined where it may go on at once. */
export type Slices = () => Promise<void> | undefined;

/** For work of many steps: the event loop turns whenever those since its last turn took long. */
export function createSlices(
  monotonicMs = (): number => performance.now(),
  sliceMs = SLICE_MS,
): Slices {
  let beganMs = monotonicMs();
  return () => {
    if (monotonicMs() - beganMs < sliceMs) return undefined;
    return nextTurn().then(() => {
      beganMs = monotonicMs();
    });
  };
}

/** Carries a work in steps out, between turns of the event loop. Fails with the signal's reason once it is given up. */
export async function inSlices<T>(
  work: InSteps<T>,
  signal?: AbortSignal,
  slice: Slices = createSlices(undefined, SMALL_SLICE_MS),
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = work.next();
    if (done === true) return value;
    const turn = slice();
    if (turn !== undefined) await turn;
  }
}

/** The same for who has nothing else to see to. */
export function atOnce<T>(work: InSteps<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
