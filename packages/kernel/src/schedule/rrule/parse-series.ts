import { Flaw } from "../schedule.types.ts";
import { parseCalendarTime } from "./calendar-time.ts";
import { parseRecur } from "./parse-rrule.ts";
import type { CalendarTime, Recur } from "./recur.types.ts";

/** A time with the zone that its line names; without one it is a time of the schedule's zone. */
export interface SeriesTime {
  readonly time: CalendarTime;
  readonly zone: string | undefined;
}

/** What the text of an `rrule` schedule says: one rule, the times beside it, and those that are left out. */
export interface Series {
  readonly recur: Recur | undefined;
  readonly dtstart: SeriesTime | undefined;
  readonly added: readonly SeriesTime[];
  readonly left: readonly SeriesTime[];
}

/** Times that a schedule lists: more are no schedule any more. */
const MAX_TIMES = 1_000;

/** Lines of RFC 5545: RRULE (its name may be left out), DTSTART, RDATE and EXDATE. @throws Flaw */
export function parseSeries(text: string): Series {
  let recur: Recur | undefined;
  let dtstart: SeriesTime | undefined;
  const added: SeriesTime[] = [];
  const left: SeriesTime[] = [];
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line === "") continue;
    const { name, zone, value } = readLine(line);
    if (name === "RRULE") {
      if (recur !== undefined) throw new Flaw("there are two rules", "make two tasks of them");
      recur = parseRecur(value);
    } else if (name === "DTSTART") {
      if (dtstart !== undefined) throw new Flaw("DTSTART is said twice");
      dtstart = { time: parseCalendarTime(name, value), zone };
    } else {
      const times = value.split(",").map((one) => ({ time: parseCalendarTime(name, one), zone }));
      (name === "RDATE" ? added : left).push(...times);
    }
  }
  if (recur === undefined && added.length === 0)
    throw new Flaw("there is no rule", "write FREQ=WEEKLY;BYDAY=MO;BYHOUR=8;BYMINUTE=0;BYSECOND=0");
  if (added.length + left.length > MAX_TIMES)
    throw new Flaw(`RDATE and EXDATE name more than ${MAX_TIMES} times`);
  return { recur, dtstart, added, left };
}

const NAMES = ["RRULE", "DTSTART", "RDATE", "EXDATE"] as const;

function readLine(line: string): {
  readonly name: (typeof NAMES)[number];
  readonly zone: string | undefined;
  readonly value: string;
} {
  if (/^[A-Z]+=/i.test(line)) return { name: "RRULE", zone: undefined, value: line };
  const [, word = "", parameters = "", value = ""] =
    /^([A-Z]+)((?:;[^:]*)?):(.*)$/i.exec(line) ?? [];
  const name = NAMES.find((one) => one === word.toUpperCase());
  if (name === undefined || value === "")
    throw new Flaw(
      `${JSON.stringify(line.slice(0, 60))} cannot be read`,
      `lines are ${NAMES.join(", ")}: DTSTART:20260301T083000`,
    );
  let zone: string | undefined;
  for (const parameter of parameters.split(";").slice(1)) {
    const [key = "", given = ""] = parameter.split("=");
    if (key.toUpperCase() === "TZID" && given !== "") zone = given;
    else if (!/^VALUE=DATE(-TIME)?$/i.test(parameter))
      throw new Flaw(`${name}: ${parameter} is not known`, "known are TZID and VALUE=DATE");
  }
  return { name, zone, value };
}
