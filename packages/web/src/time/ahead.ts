import { formatAge } from "./format.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How soon, in one coarse unit, `in 3 h`; what has passed as its age. */
export function formatAhead(at: number, now: number): string {
  const ms = at - now;
  if (ms <= 0) return formatAge(at, now);
  if (ms < MINUTE_MS) return `in ${Math.ceil(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `in ${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `in ${Math.round(ms / HOUR_MS)} h`;
  return `in ${Math.round(ms / DAY_MS)} d`;
}

/** What the clock of a zone shows then, `Mon 2026-03-02 08:15`, with its seconds where it has some. */
export function formatZoned(at: number, zone: string): string {
  const moment = new Date(at);
  const part = clockOf(zone).formatToParts(moment);
  const of = (type: Intl.DateTimeFormatPartTypes): string =>
    part.find((one) => one.type === type)?.value ?? "";
  const seconds = of("second") === "00" ? "" : `:${of("second")}`;
  return `${of("weekday")} ${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}${seconds}`;
}

/** A zone that only the server knows is told in UTC. */
export function knownZone(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}

function clockOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: knownZone(zone),
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}
