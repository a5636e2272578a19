import { civilOf, dayNumberOf, daysInMonth, mod, weekdayOf } from "../wall.ts";
import type { ByDay, Recur } from "./recur.types.ts";

export type DayFilter = (day: number) => boolean;

/**
 * Whether a rule takes a day. Where the rule says nothing of the days within its period it is the day of the series'
 * beginning: its date in the year or month, its weekday in the week.
 */
export function dayFilter(recur: Recur, start: number): DayFilter {
  const { byMonth, byMonthDay, byYearDay, byWeekNo, byDay, wkst } = withDefaults(recur, start);
  const isOfMonth = recur.freq === "MONTHLY" || recur.byMonth !== undefined;
  return (day) => {
    const { year, month, day: date } = civilOf(day);
    if (byMonth !== undefined && !byMonth.includes(month)) return false;
    if (byMonthDay !== undefined && !isAmong(byMonthDay, date, daysInMonth(year, month)))
      return false;
    if (byDay !== undefined && !byDay.some((one) => isByDay(one, day, isOfMonth))) return false;
    if (byYearDay !== undefined) {
      const first = dayNumberOf(year, 1, 1);
      if (!isAmong(byYearDay, day - first + 1, dayNumberOf(year + 1, 1, 1) - first)) return false;
    }
    return byWeekNo === undefined || isInWeek(byWeekNo, day, wkst);
  };
}

function withDefaults(recur: Recur, start: number): Recur {
  const { freq, byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = recur;
  const { month, day } = civilOf(start);
  const weekday = [{ weekday: weekdayOf(start), n: 0 }];
  if (byMonthDay !== undefined || byYearDay !== undefined || byDay !== undefined) return recur;
  if (byWeekNo !== undefined) return { ...recur, byDay: weekday };
  if (freq === "YEARLY") return { ...recur, byMonth: byMonth ?? [month], byMonthDay: [day] };
  if (freq === "MONTHLY") return { ...recur, byMonthDay: [day] };
  return freq === "WEEKLY" ? { ...recur, byDay: weekday } : recur;
}

/** Negative numbers count from the end, -1 is the last one. */
function isAmong(wanted: readonly number[], number: number, last: number): boolean {
  return wanted.includes(number) || wanted.includes(number - last - 1);
}

function isByDay({ weekday, n }: ByDay, day: number, isOfMonth: boolean): boolean {
  if (weekdayOf(day) !== weekday) return false;
  if (n === 0) return true;
  const { year, month } = civilOf(day);
  const first = dayNumberOf(year, isOfMonth ? month : 1, 1);
  const end = isOfMonth ? dayNumberOf(year, month + 1, 1) : dayNumberOf(year + 1, 1, 1);
  return n > 0
    ? Math.floor((day - first) / 7) + 1 === n
    : Math.floor((end - 1 - day) / 7) + 1 === -n;
}

/** Week 1 is the first with four days in its year; the week of a day may belong to the year beside. */
function isInWeek(wanted: readonly number[], day: number, wkst: number): boolean {
  const weekStart = weekStartOf(day, wkst);
  // The year of a week is that of its fourth day.
  const { year } = civilOf(weekStart + 3);
  const first = firstWeek(year, wkst);
  return isAmong(wanted, (weekStart - first) / 7 + 1, (firstWeek(year + 1, wkst) - first) / 7);
}

function firstWeek(year: number, wkst: number): number {
  return weekStartOf(dayNumberOf(year, 1, 4), wkst);
}

export function weekStartOf(day: number, wkst: number): number {
  return day - mod(weekdayOf(day) - wkst, 7);
}
