import type { Clock, Stretch } from "./clock.ts";
import type { Occurrences } from "./schedule.types.ts";
import { HORIZON_MS, type WallRule } from "./wall.ts";

/** What becomes of a time that the clock does not show (`gap`), or shows twice (`overlap`). */
export interface ChangePolicy {
  readonly gap: "shift" | "skip";
  readonly overlap: "first" | "second" | "both";
}

/** Every time at which the clock shows what matches. */
export const AS_SHOWN: ChangePolicy = { gap: "skip", overlap: "both" };

/**
 * Puts a rule of wall time onto the clock of a zone. Between two changes of the clock wall time and instants run side by
 * side, so it goes from stretch to stretch, and takes of each the part of the wall's line that is that stretch's own: one
 * that comes twice belongs to the first or the second stretch, or both; one that is skipped to the stretch behind it, by
 * the offset before, which moves it forward by the length of the gap. Two times that meet in one instant are one.
 */
export function onClock(rule: WallRule, clock: Clock, policy: ChangePolicy): Occurrences {
  return {
    next(after) {
      const limit = after + HORIZON_MS;
      for (let at = after + 1; at < limit; ) {
        const stretch = clock.stretchAt(at);
        const found = firstIn(rule, stretch, at, policy);
        if (found !== undefined) return found;
        at = stretch.end;
      }
      return undefined;
    },
  };
}

function firstIn(
  rule: WallRule,
  { start, end, offset, before, behind }: Stretch,
  from: number,
  { gap, overlap }: ChangePolicy,
): number | undefined {
  const opens = offset < before && overlap === "first" ? start + before : start + offset;
  const closes = behind < offset && overlap === "second" ? end + behind : end + offset;
  const shown = rule.next(Math.max(opens, from + offset), closes);
  const instant = shown === undefined ? undefined : shown - offset;
  if (offset <= before || gap === "skip") return instant;
  const skipped = rule.next(Math.max(start, from) + before, start + offset);
  if (skipped === undefined) return instant;
  return Math.min(skipped - before, instant ?? Number.POSITIVE_INFINITY);
}
