import { Failure } from "../failure.ts";
import { step } from "../frame.ts";
import { INT } from "../values/cel-type.ts";
import type { Opaque } from "../values/values.ts";
import { type CelFunction, define, type Functions } from "./signature.ts";
import { dayOfYear, localTime, ZONE_STEPS, zoneProblem } from "./time-zone.ts";

/** A part of a timestamp, and where it is one of a duration too, the whole duration in that unit. */
function part(
  read: (date: Date) => number,
  does: string,
  example: string,
  ofDuration?: (ms: number) => number,
): CelFunction {
  return define<readonly [Opaque, string?]>({
    style: "method",
    takes: [ofDuration === undefined ? ["timestamp"] : ["timestamp", "duration"], ["string"]],
    needs: 1,
    does,
    example,
    gives: INT,
    checkText: (index, zone) => (index === 1 ? zoneProblem(zone) : undefined),
    apply([value, zone], frame) {
      if (value.kind === "duration") return ofDuration?.(value.ms) ?? 0;
      const date = step(frame, zone === undefined ? 0 : ZONE_STEPS) ?? localTime(value.ms, zone);
      return date instanceof Failure ? date : read(date);
    },
  });
}

function whole(unitMs: number): (ms: number) => number {
  return (ms) => Math.trunc(ms / unitMs) + 0;
}

/** Where a zone is given (`Europe/Berlin`, `+02:00`) it is that zone's clock; otherwise UTC. */
export const TIME_FUNCTIONS: Functions = {
  getFullYear: part(
    (date) => date.getUTCFullYear(),
    "the year",
    "timestamp('2026-01-31T09:30:00Z').getFullYear() == 2026",
  ),
  getMonth: part(
    (date) => date.getUTCMonth(),
    "the month, counted from 0",
    "timestamp('2026-01-31T09:30:00Z').getMonth() == 0",
  ),
  getDate: part(
    (date) => date.getUTCDate(),
    "the day of the month, counted from 1",
    "timestamp('2026-01-31T23:30:00Z').getDate('Asia/Tokyo') == 1",
  ),
  getDayOfMonth: part(
    (date) => date.getUTCDate() - 1,
    "the day of the month, counted from 0",
    "timestamp('2026-01-31T09:30:00Z').getDayOfMonth() == 30",
  ),
  getDayOfWeek: part(
    (date) => date.getUTCDay(),
    "the day of the week, 0 for Sunday",
    "timestamp('2026-01-31T09:30:00Z').getDayOfWeek() == 6",
  ),
  getDayOfYear: part(
    dayOfYear,
    "the day of the year, counted from 0",
    "timestamp('2026-01-31T09:30:00Z').getDayOfYear() == 30",
  ),
  getHours: part(
    (date) => date.getUTCHours(),
    "the hour; of a duration, all its whole hours",
    "duration('90m').getHours() == 1",
    whole(3_600_000),
  ),
  getMinutes: part(
    (date) => date.getUTCMinutes(),
    "the minute; of a duration, all its whole minutes",
    "duration('90m').getMinutes() == 90",
    whole(60_000),
  ),
  getSeconds: part(
    (date) => date.getUTCSeconds(),
    "the second; of a duration, all its whole seconds",
    "duration('90s').getSeconds() == 90",
    whole(1_000),
  ),
  getMilliseconds: part(
    (date) => date.getUTCMilliseconds(),
    "the milliseconds within the second, of a duration too",
    "duration('1500ms').getMilliseconds() == 500",
    (ms) => (ms % 1_000) + 0,
  ),
};
