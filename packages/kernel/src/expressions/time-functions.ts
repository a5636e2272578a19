import { INT } from "./cel-type.ts";
import { evaluationFailure, Failure } from "./failure.ts";
import { step } from "./frame.ts";
import { type CelFunction, define, type Functions } from "./signature.ts";
import type { Opaque } from "./values.ts";

const FIXED_OFFSET = /^([+-])(\d{2}):(\d{2})$/;
/** Asking for the clock of a zone takes as long as some 40 other steps. */
const ZONE_STEPS = 40;
const MAX_ZONES = 600;
const zones = new Map<string, Intl.DateTimeFormat>();

/** The time as a clock in that zone shows it, in a Date whose UTC parts are that clock's. */
function localTime(ms: number, zone: string | undefined): Date | Failure {
  if (zone === undefined || zone === "UTC") return new Date(ms);
  const offset = FIXED_OFFSET.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === "-" ? -minutes : minutes) * 60_000);
  }
  const format = formatOf(zone);
  if (format instanceof Failure) return format;
  const parts: { [type: string]: number } = {};
  for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const date = new Date(
    Date.UTC(2000, month - 1, day, hour, minute, second, ((ms % 1_000) + 1_000) % 1_000),
  );
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

function formatOf(zone: string): Intl.DateTimeFormat | Failure {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (zones.size >= MAX_ZONES) zones.clear();
    zones.set(zone, format);
    return format;
  } catch {
    return evaluationFailure(
      `there is no time zone ${JSON.stringify(zone.slice(0, 60))}; write for example Europe/Berlin or +02:00`,
    );
  }
}

/** A part of a timestamp, and where it is one of a duration too, the whole duration in that unit. */
function part(read: (date: Date) => number, unitMs?: number): CelFunction {
  return define<readonly [Opaque, string?]>({
    style: "method",
    takes: [unitMs === undefined ? ["timestamp"] : ["timestamp", "duration"], ["string"]],
    needs: 1,
    gives: INT,
    apply([value, zone], frame) {
      if (value.kind === "duration") return Math.trunc(value.ms / (unitMs ?? 1)) + 0;
      const date = step(frame, zone === undefined ? 0 : ZONE_STEPS) ?? localTime(value.ms, zone);
      return date instanceof Failure ? date : read(date);
    },
  });
}

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / 86_400_000);
}

/** CEL counts months and days of the month from 0, but getDate() from 1. */
export const TIME_FUNCTIONS: Functions = {
  getFullYear: part((date) => date.getUTCFullYear()),
  getMonth: part((date) => date.getUTCMonth()),
  getDate: part((date) => date.getUTCDate()),
  getDayOfMonth: part((date) => date.getUTCDate() - 1),
  getDayOfWeek: part((date) => date.getUTCDay()),
  getDayOfYear: part(dayOfYear),
  getHours: part((date) => date.getUTCHours(), 3_600_000),
  getMinutes: part((date) => date.getUTCMinutes(), 60_000),
  getSeconds: part((date) => date.getUTCSeconds(), 1_000),
  getMilliseconds: part((date) => date.getUTCMilliseconds(), 1),
};
