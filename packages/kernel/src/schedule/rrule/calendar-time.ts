import { Flaw } from "../schedule.types.ts";
import { DAY_MS, dayNumberOf, daysInMonth, HOUR_MS, MINUTE_MS, SECOND_MS } from "../wall.ts";
import type { CalendarTime } from "./recur.types.ts";

const FORM = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/;

/** 20260301T083000Z, 20260301T083000 or 20260301. @throws Flaw */
export function parseCalendarTime(what: string, text: string): CalendarTime {
  const found = FORM.exec(text.trim().toUpperCase());
  const [, year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = (found ?? []).map(
    (part) => Number(part ?? 0),
  );
  const isDate = month >= 1 && month <= 12 && date >= 1 && date <= daysInMonth(year, month);
  if (found === null || !isDate || hour > 23 || minute > 59 || second > 59)
    throw new Flaw(
      `${what}: ${JSON.stringify(text)} is no time`,
      "write 20260301T083000 for a time of the zone, 20260301T083000Z for UTC, 20260301 for a day",
    );
  const day = dayNumberOf(year, month, date);
  if (found[4] === undefined) return { kind: "date", day };
  const ms = day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  return { kind: found[7] === "Z" ? "instant" : "wall", ms };
}
