import { stdoutEnd } from "./clean-output.ts";

/**
 * Streams the output of a base client, but for a marker of its shell at the end: what looks like one is held back until
 * it is known whether anything follows.
 */
export interface HeldMarker {
  /** What may be passed on now. */
  pass(bytes: Buffer): Buffer[];
}

export function createHeldMarker(): HeldMarker {
  let held: Buffer | undefined;
  return {
    pass(bytes) {
      if (bytes.length === 0) return [];
      const ready = held === undefined ? [] : [held];
      const end = stdoutEnd(bytes);
      held = end === bytes.length ? undefined : bytes.subarray(end);
      if (end > 0) ready.push(bytes.subarray(0, end));
      return ready;
    },
  };
}
