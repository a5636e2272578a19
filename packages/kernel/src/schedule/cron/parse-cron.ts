import { Flaw } from "../schedule.types.ts";

/** A field of days in which more can be said than numbers. */
export interface MonthDays {
  readonly days: ReadonlySet<number>;
  /** So many days before the last of the month: `L` is 0, `L-2` is 2. */
  readonly beforeLast: readonly number[];
  /** The weekday nearest to the day, within its month: `15W`. */
  readonly nearest: readonly number[];
  /** The last weekday of the month: `LW`. */
  readonly lastWorkday: boolean;
}

export interface WeekDays {
  /** 0 is Sunday. */
  readonly days: ReadonlySet<number>;
  /** The n-th of the month: `5#2`; the last one, `5L`, is -1. */
  readonly nth: readonly { readonly weekday: number; readonly n: number }[];
}

export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  /** Undefined: every day. Where both this and `weekDays` are said, either matches. */
  readonly monthDays: MonthDays | undefined;
  readonly weekDays: WeekDays | undefined;
}

interface FieldSpec {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const SECOND = { name: "second", min: 0, max: 59 };
const MINUTE = { name: "minute", min: 0, max: 59 };
const HOUR = { name: "hour", min: 0, max: 23 };
const MONTH_DAY = { name: "day of month", min: 1, max: 31 };
const MONTH: FieldSpec = {
  ...{ name: "month", min: 1, max: 12 },
  names: ["", ...words("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")],
};
const WEEKDAY: FieldSpec = {
  ...{ name: "weekday", min: 0, max: 7 },
  names: words("SUN MON TUE WED THU FRI SAT"),
};

const ALIASES: { readonly [alias: string]: string } = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** @throws Flaw */
export function parseCron(text: string): CronFields {
  const trimmed = text.trim();
  if (trimmed.startsWith("@") && ALIASES[trimmed.toLowerCase()] === undefined)
    throw new Flaw(`there is no ${trimmed}`, `known are ${Object.keys(ALIASES).join(", ")}`);
  const parts = (ALIASES[trimmed.toLowerCase()] ?? trimmed).split(/\s+/);
  if (parts.length < 5 || parts.length > 6 || trimmed === "")
    throw new Flaw(
      `a cron expression has five fields, or six with seconds first, not ${trimmed === "" ? 0 : parts.length}`,
      "write minute hour day month weekday: 30 8 * * MON-FRI",
    );
  const [second, minute, hour, monthDay, month, weekday] = (
    parts.length === 6 ? parts : ["0", ...parts]
  ) as [string, string, string, string, string, string];
  return {
    seconds: sorted(numbers(SECOND, second)),
    minutes: sorted(numbers(MINUTE, minute)),
    hours: sorted(numbers(HOUR, hour)),
    months: numbers(MONTH, month),
    monthDays: isAny(monthDay) ? undefined : monthDays(monthDay),
    weekDays: isAny(weekday) ? undefined : weekDays(weekday),
  };
}

function isAny(text: string): boolean {
  return text === "*" || text === "?" || text === "*/1";
}

function monthDays(text: string): MonthDays {
  const days = new Set<number>();
  const beforeLast: number[] = [];
  const nearest: number[] = [];
  let lastWorkday = false;
  for (const item of itemsOf(MONTH_DAY, text)) {
    const [, before] = /^L(?:-(\d{1,2}))?$/i.exec(item) ?? [];
    const [, near] = /^(\d{1,2})W$/i.exec(item) ?? [];
    if (/^LW$/i.test(item)) lastWorkday = true;
    else if (/^L/i.test(item) && !/^L(?:-\d{1,2})?$/i.test(item)) throw wrong(MONTH_DAY, item);
    else if (/^L/i.test(item))
      beforeLast.push(inRange(MONTH_DAY, item, Number(before ?? 0), 0, 30));
    else if (near !== undefined) nearest.push(inRange(MONTH_DAY, item, Number(near), 1, 31));
    else addItem(MONTH_DAY, item, days);
  }
  return { days, beforeLast, nearest, lastWorkday };
}

function weekDays(text: string): WeekDays {
  const days = new Set<number>();
  const nth: { weekday: number; n: number }[] = [];
  for (const item of itemsOf(WEEKDAY, text)) {
    const [, numbered, n] = /^([^#]+)#(.*)$/.exec(item) ?? [];
    const [, last] = /^(.+)L$/i.exec(item) ?? [];
    if (numbered !== undefined && n !== undefined) {
      if (!/^[1-5]$/.test(n))
        throw new Flaw(`weekday: ${item}: behind # stands 1 to 5`, "5#2 is the second Friday");
      nth.push({ weekday: weekdayOfWord(numbered, item), n: Number(n) });
    } else if (/^L$/i.test(item))
      throw new Flaw("weekday: L alone says no day", "5L is the last Friday of the month");
    else if (last !== undefined) nth.push({ weekday: weekdayOfWord(last, item), n: -1 });
    else addItem(WEEKDAY, item, days);
  }
  // Sunday has two numbers.
  if (days.delete(7)) days.add(0);
  return { days, nth };
}

function weekdayOfWord(word: string, item: string): number {
  return numberOf(WEEKDAY, word, item) % 7;
}

function numbers(spec: FieldSpec, text: string): Set<number> {
  const found = new Set<number>();
  if (text === "?")
    throw new Flaw(`${spec.name}: ? stands for a day alone`, `write * for every ${spec.name}`);
  for (const item of itemsOf(spec, text)) addItem(spec, item, found);
  return found;
}

function itemsOf(spec: FieldSpec, text: string): string[] {
  const items = text.split(",");
  if (items.includes("")) throw new Flaw(`${spec.name}: a comma has nothing beside it`);
  return items;
}

function addItem(spec: FieldSpec, item: string, into: Set<number>): void {
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0 || step === "") throw wrong(spec, item);
  const by = step === undefined ? 1 : stepOf(spec, step, item);
  const [from, to] = boundsOf(spec, range, item, step !== undefined);
  for (let value = from; value <= to; value += by) into.add(value);
}

function stepOf(spec: FieldSpec, step: string, item: string): number {
  if (!/^\d{1,4}$/.test(step)) throw wrong(spec, item);
  const most = spec.max - spec.min + (spec === WEEKDAY ? 0 : 1);
  if (Number(step) < 1 || Number(step) > most)
    throw new Flaw(`${spec.name}: ${item}: a step is 1 to ${most}`);
  return Number(step);
}

function boundsOf(
  spec: FieldSpec,
  range: string,
  item: string,
  hasStep: boolean,
): [number, number] {
  const last = spec === WEEKDAY ? 6 : spec.max;
  if (range === "*") return [spec.min, last];
  const [first = "", second, ...more] = range.split("-");
  if (more.length > 0) throw wrong(spec, item);
  const from = numberOf(spec, first, item);
  if (second === undefined) return [from, hasStep ? Math.max(last, from) : from];
  const to = numberOf(spec, second, item);
  // FRI-SUN: Sunday is 7 at the end of a range.
  if (spec === WEEKDAY && to === 0 && from > 0) return [from, 7];
  if (from > to)
    throw new Flaw(
      `${spec.name}: ${item} runs backwards`,
      `write two ranges: ${first}-${spec.max},${spec.min}-${second}`,
    );
  return [from, to];
}

function numberOf(spec: FieldSpec, word: string, item: string): number {
  if (/^\d{1,4}$/.test(word)) return inRange(spec, item, Number(word), spec.min, spec.max);
  const index = word === "" ? -1 : (spec.names?.indexOf(word.toUpperCase()) ?? -1);
  if (index < 0) throw wrong(spec, item);
  return index;
}

function inRange(spec: FieldSpec, item: string, value: number, min: number, max: number): number {
  if (value < min || value > max)
    throw new Flaw(`${spec.name}: ${item} is out of range, which is ${min} to ${max}`);
  return value;
}

function wrong(spec: FieldSpec, item: string): Flaw {
  const names = spec.names === undefined ? "" : ` or ${spec.names.filter(Boolean).join(", ")}`;
  return new Flaw(
    `${spec.name}: ${JSON.stringify(item)} cannot be read`,
    `numbers are ${spec.min} to ${spec.max}${names}; with , between several, - in ranges, / before steps`,
  );
}

function sorted(set: ReadonlySet<number>): number[] {
  return [...set].sort((a, b) => a - b);
}

function words(text: string): string[] {
  return text.split(" ");
}
