import { Flaw } from "../schedule.types.ts";
import { parseCalendarTime } from "./calendar-time.ts";
import { type ByDay, FREQUENCIES, type Frequency, type Recur } from "./recur.types.ts";

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
/** To know the last of a counted series all of it is counted. */
export const MAX_COUNT = 10_000;
const MAX_INTERVAL = 100_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Of each part what it gives, from its value. */
const PARTS: { readonly [name: string]: (recur: Mutable<Recur>, value: string) => void } = {
  FREQ(recur, value) {
    const freq = FREQUENCIES.find((one) => one === value);
    if (freq === undefined)
      throw new Flaw(`FREQ=${value} is none`, `write one of ${FREQUENCIES.join(", ")}`);
    recur.freq = freq;
  },
  INTERVAL(recur, value) {
    recur.interval = whole("INTERVAL", value, 1, MAX_INTERVAL);
  },
  COUNT(recur, value) {
    if (/^\d+$/.test(value) && Number(value) > MAX_COUNT)
      throw new Flaw(`COUNT is at most ${MAX_COUNT}`, "write UNTIL with the time of the last one");
    recur.count = whole("COUNT", value, 1, MAX_COUNT);
  },
  UNTIL(recur, value) {
    recur.until = parseCalendarTime("UNTIL", value);
  },
  WKST(recur, value) {
    recur.wkst = weekday("WKST", value);
  },
  BYMONTH(recur, value) {
    recur.byMonth = list("BYMONTH", value, 1, 12, false);
  },
  BYWEEKNO(recur, value) {
    recur.byWeekNo = list("BYWEEKNO", value, 1, 53, true);
  },
  BYYEARDAY(recur, value) {
    recur.byYearDay = list("BYYEARDAY", value, 1, 366, true);
  },
  BYMONTHDAY(recur, value) {
    recur.byMonthDay = list("BYMONTHDAY", value, 1, 31, true);
  },
  BYDAY(recur, value) {
    recur.byDay = value.split(",").map(byDay);
  },
  BYHOUR(recur, value) {
    recur.byHour = list("BYHOUR", value, 0, 23, false);
  },
  BYMINUTE(recur, value) {
    recur.byMinute = list("BYMINUTE", value, 0, 59, false);
  },
  BYSECOND(recur, value) {
    recur.bySecond = list("BYSECOND", value, 0, 59, false);
  },
  BYSETPOS(recur, value) {
    recur.bySetPos = list("BYSETPOS", value, 1, 366, true);
  },
};

/** The value of an RRULE. @throws Flaw */
export function parseRecur(text: string): Recur {
  const recur: Mutable<Recur> = { freq: "DAILY", interval: 1, wkst: 1 };
  const seen = new Set<string>();
  for (const part of text.toUpperCase().split(";")) {
    const [name = "", value, ...more] = part.split("=");
    const read = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (read === undefined || value === undefined || value === "" || more.length > 0)
      throw new Flaw(
        `${JSON.stringify(part)} is no part of a recurrence rule`,
        "write NAME=VALUE with ; between them: FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=8;BYMINUTE=30",
      );
    if (seen.has(name)) throw new Flaw(`${name} is said twice`);
    seen.add(name);
    read(recur, value);
  }
  if (!seen.has("FREQ"))
    throw new Flaw("FREQ is missing", `write FREQ=DAILY, or ${FREQUENCIES.join(", ")}`);
  checkTogether(recur);
  return recur;
}

function checkTogether(recur: Recur): void {
  const { freq, byDay: days = [] } = recur;
  if (recur.count !== undefined && recur.until !== undefined)
    throw new Flaw("COUNT and UNTIL exclude each other", "leave one of them out");
  if (recur.byWeekNo !== undefined && freq !== "YEARLY")
    throw new Flaw("BYWEEKNO goes with FREQ=YEARLY alone");
  if (recur.byYearDay !== undefined && ["MONTHLY", "WEEKLY", "DAILY"].includes(freq))
    throw new Flaw(`BYYEARDAY does not go with FREQ=${freq}`);
  if (recur.byMonthDay !== undefined && freq === "WEEKLY")
    throw new Flaw("BYMONTHDAY does not go with FREQ=WEEKLY");
  checkOrdinals(freq, days, recur);
  if (recur.bySetPos !== undefined && !hasBy(recur))
    throw new Flaw("BYSETPOS picks from what another BY part gives", "write one beside it");
}

function checkOrdinals(freq: Frequency, days: readonly ByDay[], recur: Recur): void {
  const most = Math.max(...days.map(({ n }) => Math.abs(n)), 0);
  if (most === 0) return;
  if (freq !== "MONTHLY" && freq !== "YEARLY")
    throw new Flaw(
      `BYDAY with a number does not go with FREQ=${freq}`,
      "1MO is the first Monday of a month or year",
    );
  if (recur.byWeekNo !== undefined) throw new Flaw("BYDAY with a number does not go with BYWEEKNO");
  const isOfMonth = freq === "MONTHLY" || recur.byMonth !== undefined;
  if (isOfMonth && most > 5) throw new Flaw(`a month has no ${most} of a weekday`);
}

function hasBy({ bySetPos, ...recur }: Recur): boolean {
  return Object.keys(recur).some((key) => key.startsWith("by"));
}

function byDay(text: string): ByDay {
  const [, sign, n, day] = /^([+-]?)(\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  if (day === undefined || (sign !== "" && n === undefined) || n === "0" || Number(n) > 53)
    throw new Flaw(
      `BYDAY: ${JSON.stringify(text)} is no day`,
      `days are ${WEEKDAYS.join(", ")}; 1MO is the first Monday, -1FR the last Friday`,
    );
  return { weekday: weekday("BYDAY", day), n: n === undefined ? 0 : Number(`${sign}${n}`) };
}

function weekday(part: string, text: string): number {
  const found = WEEKDAYS.indexOf(text);
  if (found < 0) throw new Flaw(`${part}: ${text} is no day`, `days are ${WEEKDAYS.join(", ")}`);
  return found;
}

function whole(part: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max)
    throw new Flaw(`${part} is a whole number, ${min} to ${max}, not ${JSON.stringify(text)}`);
  return value;
}

function list(part: string, text: string, min: number, max: number, fromEnd: boolean): number[] {
  const values = text.split(",").map((one) => {
    const value = Number(one);
    const size = fromEnd ? Math.abs(value) : value;
    if (!/^[+-]?\d{1,3}$/.test(one) || size < min || size > max)
      throw new Flaw(
        `${part}: ${JSON.stringify(one)} is out of range, which is ${min} to ${max}${fromEnd ? `, or -${max} to -${min} from the end` : ""}`,
      );
    return value;
  });
  return [...new Set(values)].sort((a, b) => a - b);
}
