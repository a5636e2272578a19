import type { Clock } from "../clock.ts";
import type { Occurrences, ScheduleText } from "../schedule.types.ts";
import { DAY_MS, type WallRule } from "../wall.ts";

/** Zones change their clocks twice a year. */
const LOOKED_AT_MS = 400 * DAY_MS;

type ChangeText = Pick<ScheduleText, "timezone" | "dstGap" | "dstOverlap">;

export function skippedText(time: string, { timezone, dstGap }: ChangeText): string {
  return `${time} is skipped by the clocks of ${timezone}: ${GAP[dstGap]}`;
}

export function twiceText(time: string, { timezone, dstOverlap }: ChangeText): string {
  return `${time} comes twice in ${timezone}: ${OVERLAP[dstOverlap]}`;
}

/** Times that the clock does not show at one of its next changes, or shows twice. */
export function changeWarnings(
  rule: WallRule,
  clock: Clock,
  text: ChangeText,
  { from, all }: { readonly from: number; readonly all: Occurrences },
): readonly string[] {
  const warnings: string[] = [];
  let [skipped, twice] = [false, false];
  let stretch = clock.stretchAt(from);
  while (stretch.end < from + LOOKED_AT_MS) {
    stretch = clock.stretchAt(stretch.end);
    const { start, offset, before } = stretch;
    // The first of two times lies before the change.
    if (all.next(start - Math.max(before - offset, 0) - 1) === undefined) break;
    const wall = rule.next(start + Math.min(before, offset), start + Math.max(before, offset));
    if (wall === undefined) continue;
    const time = new Date(wall).toISOString().slice(0, 16).replace("T", " ");
    if (offset > before && !skipped) warnings.push(skippedText(time, text));
    if (offset < before && !twice) warnings.push(twiceText(time, text));
    if (offset > before) skipped = true;
    else twice = true;
  }
  return warnings;
}

const GAP = {
  shift: "it happens later, by the time that is skipped (dst_gap: shift)",
  skip: "it does not happen that day (dst_gap: skip)",
} as const;

const OVERLAP = {
  first: "it happens the first time (dst_overlap: first)",
  second: "it happens the second time (dst_overlap: second)",
  both: "it happens both times (dst_overlap: both)",
} as const;
