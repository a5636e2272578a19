import { evaluationFailure, type Failure } from "../failure.ts";
import { MAX_LAYOUT } from "../limits.ts";
import { DAY_MS, dayOfYear } from "./time-zone.ts";

/**
 * Layouts of times as strftime has them (POSIX; `%L` for milliseconds from Ruby), with English names. Each
 * directive writes a part of a clock, and reads it back where that makes sense.
 */
export interface Directive {
  write(clock: Clock): string;
  readonly read?: RegExp;
  /** Sets what was read; false where it cannot be. */
  set?(parts: Parts, text: string): boolean;
}

/** What a clock shows: its parts are the UTC parts of `date`, and it is `offsetMs` ahead of UTC. */
export interface Clock {
  readonly date: Date;
  readonly offsetMs: number;
}

export interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  isAfternoon?: boolean;
  offsetMs?: number;
  unixMs?: number;
}

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const SHORT = 3;

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

type Field = Exclude<keyof Parts, "isAfternoon">;

function number(length: number, field: Field, of: (date: Date) => number, offset = 0): Directive {
  return {
    write: ({ date }) => digits(of(date) + offset, length),
    read: new RegExp(`\\d{${length}}`, "y"),
    set(parts, text) {
      parts[field] = Number(text) - offset;
      return true;
    },
  };
}

function monthName(length: number | undefined): Directive {
  const names = MONTHS.map((name) => name.slice(0, length).toLowerCase());
  return {
    write: ({ date }) => (MONTHS[date.getUTCMonth()] ?? "").slice(0, length),
    read: /[A-Za-z]{3,9}/y,
    set(parts, text) {
      parts.month = names.indexOf(text.toLowerCase());
      return parts.month >= 0;
    },
  };
}

function dayName(length: number | undefined): Directive {
  const names = DAYS.map((name) => name.slice(0, length).toLowerCase());
  return {
    write: ({ date }) => (DAYS[date.getUTCDay()] ?? "").slice(0, length),
    read: /[A-Za-z]{3,9}/y,
    set: (_, text) => names.includes(text.toLowerCase()),
  };
}

function offset(colon: string): Directive {
  return {
    write({ offsetMs }) {
      const minutes = Math.round(Math.abs(offsetMs) / 60_000);
      const sign = offsetMs < 0 ? "-" : "+";
      return `${sign}${digits(Math.floor(minutes / 60), 2)}${colon}${digits(minutes % 60, 2)}`;
    },
    read: /Z|[+-]\d\d:?\d\d/y,
    set(parts, text) {
      const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
      const ms = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
      parts.offsetMs = sign === "-" ? -ms : ms;
      return true;
    },
  };
}

const DIRECTIVES: { readonly [name: string]: Directive } = {
  Y: number(4, "year", (date) => date.getUTCFullYear()),
  m: number(2, "month", (date) => date.getUTCMonth(), 1),
  d: number(2, "day", (date) => date.getUTCDate()),
  H: number(2, "hour", (date) => date.getUTCHours()),
  I: number(2, "hour", (date) => date.getUTCHours() % 12 || 12),
  M: number(2, "minute", (date) => date.getUTCMinutes()),
  S: number(2, "second", (date) => date.getUTCSeconds()),
  L: number(3, "ms", (date) => date.getUTCMilliseconds()),
  b: monthName(SHORT),
  B: monthName(undefined),
  a: dayName(SHORT),
  A: dayName(undefined),
  p: {
    write: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
    read: /[AaPp][Mm]/y,
    set(parts, text) {
      parts.isAfternoon = text.toLowerCase() === "pm";
      return true;
    },
  },
  z: offset(""),
  ":z": offset(":"),
  s: {
    write: ({ date, offsetMs }) => String(Math.floor((date.getTime() - offsetMs) / 1_000)),
    read: /-?\d{1,12}/y,
    set(parts, text) {
      parts.unixMs = Number(text) * 1_000;
      return true;
    },
  },
  u: { write: ({ date }) => String(date.getUTCDay() || 7) },
  j: { write: ({ date }) => digits(dayOfYear(date) + 1, 3) },
  V: { write: ({ date }) => digits(isoWeek(date), 2) },
};

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const first = new Date(thursday);
  first.setUTCMonth(0, 1);
  return Math.floor((thursday.getTime() - first.getTime()) / (7 * DAY_MS)) + 1;
}

const SHORTHANDS: { readonly [name: string]: string } = { F: "%Y-%m-%d", T: "%H:%M:%S" };

/** The pieces of a layout: text as it stands, and directives. */
export function readLayout(layout: string): readonly (string | Directive)[] | Failure {
  if (layout.length > MAX_LAYOUT)
    return evaluationFailure(`the layout is longer than ${MAX_LAYOUT} characters`);
  const whole = layout.replace(/%[FT]/g, (short) => SHORTHANDS[short.slice(1)] ?? short);
  const pieces: (string | Directive)[] = [];
  for (const part of whole.match(/%:?[\s\S]?|[^%]+/g) ?? []) {
    const directive = Object.hasOwn(DIRECTIVES, part.slice(1))
      ? DIRECTIVES[part.slice(1)]
      : undefined;
    if (!part.startsWith("%")) pieces.push(part);
    else if (part === "%%") pieces.push("%");
    else if (directive !== undefined) pieces.push(directive);
    else
      return evaluationFailure(
        `${part} is not known in a layout; there are %${Object.keys(DIRECTIVES).join(" %")} %F %T %%`,
      );
  }
  return pieces;
}
