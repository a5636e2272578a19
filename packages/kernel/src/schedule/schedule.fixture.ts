import { expect } from "vitest";
import { compileSchedule } from "./compile-schedule.ts";
import type { Schedule, ScheduleFlaw, ScheduleText } from "./schedule.types.ts";

export const ANCHOR = Date.parse("2026-01-01T00:00:00Z");

export type Given = Partial<ScheduleText> & Pick<ScheduleText, "kind" | "expr">;

function textOf(given: Given): ScheduleText {
  return { timezone: "UTC", dstGap: "shift", dstOverlap: "first", ...given };
}

export function scheduleOf(given: Given, anchor = ANCHOR): Schedule {
  const compiled = compileSchedule(textOf(given), anchor);
  expect(compiled).toMatchObject({ ok: true });
  if (!compiled.ok) throw new Error("no schedule");
  return compiled.schedule;
}

export function flawsOf(given: Given, anchor = ANCHOR): readonly ScheduleFlaw[] {
  const compiled = compileSchedule(textOf(given), anchor);
  return compiled.ok ? [] : compiled.flaws;
}

export function cronOf(expr: string, timezone = "UTC", more: Partial<ScheduleText> = {}): Schedule {
  return scheduleOf({ kind: "cron", expr, timezone, ...more });
}

/** One after the other, from `from` on. */
export function* occurrences(schedule: Pick<Schedule, "next">, from: number): Generator<number> {
  for (let at = schedule.next(from - 1); at !== undefined; at = schedule.next(at)) yield at;
}

/** All of a stretch of time, from `from` on and before `until`, as RFC 3339 without milliseconds. */
export function between(schedule: Pick<Schedule, "next">, from: string, until: string): string[] {
  const found: string[] = [];
  for (const at of occurrences(schedule, Date.parse(from))) {
    if (at >= Date.parse(until)) break;
    found.push(textOfInstant(at));
  }
  return found;
}

export function nextOnes(schedule: Pick<Schedule, "next">, from: string, count: number): string[] {
  const found: string[] = [];
  for (const at of occurrences(schedule, Date.parse(from))) {
    if (found.push(textOfInstant(at)) === count) break;
  }
  return found;
}

function textOfInstant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
