import type { Clock } from "./clock.ts";
import { type ChangePolicy, onClock } from "./on-clock.ts";
import { DAY_MS } from "./wall.ts";

/** As RFC 5545 reads a single time: the first of two, and one that is skipped by the offset before. */
const AS_RFC_5545: ChangePolicy = { gap: "shift", overlap: "first" };

/** The instant at which a clock shows a time. */
export function instantOfWall(wall: number, clock: Clock, policy = AS_RFC_5545): number {
  const rule = {
    next: (from: number, until: number) => (from <= wall && wall < until ? wall : undefined),
  };
  // No clock differs from UTC by more than a day.
  const found = onClock(rule, clock, policy).next(wall - 2 * DAY_MS);
  return found ?? onClock(rule, clock, AS_RFC_5545).next(wall - 2 * DAY_MS) ?? wall;
}
