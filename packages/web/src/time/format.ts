const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `840 ms`, `1.2 s`, `42 s`, `3 m 05 s`, `2 h 07 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < SECOND_MS) return `${rounded} ms`;
  if (rounded < 9_950) return `${(rounded / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(rounded / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${two(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long something has taken so far, in whole seconds: it is drawn once a second. */
export function formatSoFar(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * SECOND_MS);
}

/** How long ago, in one coarse unit; a date where that is more than a week. */
export function formatAge(at: number, now: number): string {
  const ms = now - at;
  // A server whose clock is a little ahead does not make its runs come from the future.
  if (ms < 5 * SECOND_MS) return "just now";
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  if (ms < 7 * DAY_MS) return `${Math.floor(ms / DAY_MS)} d ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** A moment in the reader's time zone: the time of day, and the date where that is another day. */
export function formatMoment(at: number, now: number): string {
  const moment = new Date(at);
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day} ${time}`;
}

/** A moment of the API in the reader's time zone, with its date whatever day it is. */
export function formatDay(at: string): string {
  return formatMoment(Date.parse(at), 0);
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
