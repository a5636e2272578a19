import type { Occurrences } from "../schedule.types.ts";
import { MINUTE_MS } from "../wall.ts";

const LOOKED_AT = 12;

/** A schedule that happens more often than once a minute. */
export function densityWarnings(occurrences: Occurrences, from: number): readonly string[] {
  let [before, closest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let at: number | undefined = from;
  for (let i = 0; i < LOOKED_AT; i++) {
    at = occurrences.next(at);
    if (at === undefined) break;
    closest = Math.min(closest, at - before);
    before = at;
  }
  if (closest >= MINUTE_MS) return [];
  return [`it happens more often than once a minute: every ${closest / 1_000} s at the closest`];
}
