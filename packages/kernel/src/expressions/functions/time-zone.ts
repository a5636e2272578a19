import { evaluationFailure, Failure } from "../failure.ts";

/** Clocks of time zones: IANA names, and fixed offsets such as +02:00. */

const FIXED_OFFSET = /^([+-]?)(\d{2}):(\d{2})$/;
/** Asking for the clock of a zone takes as long as some 40 other steps. */
export const ZONE_STEPS = 40;
const MAX_ZONES = 600;
const zones = new Map<string, Intl.DateTimeFormat>();

/** The time as a clock in that zone shows it, in a Date whose UTC parts are that clock's. */
export function localTime(ms: number, zone: string | undefined): Date | Failure {
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

/** The Unix milliseconds at which a clock in that zone shows what the UTC parts of `local` say. */
export function utcOf(local: number, zone: string | undefined): number | Failure {
  // Twice, since the first offset may be that of the other side of a change of the clocks.
  let utc = local;
  for (let i = 0; i < 2; i++) {
    const shown = localTime(utc, zone);
    if (shown instanceof Failure) return shown;
    utc += local - shown.getTime();
  }
  return utc;
}

export function zoneProblem(zone: string): string | undefined {
  const local = localTime(0, zone);
  return local instanceof Failure ? local.message : undefined;
}

export const DAY_MS = 86_400_000;

/** Counted from 0. */
export function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / DAY_MS);
}
