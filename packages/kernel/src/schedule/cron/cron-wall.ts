import { dayTimes } from "../day-times.ts";
import {
  civilOf,
  DAY_MS,
  dayNumberOf,
  dayOfWall,
  daysInMonth,
  type WallRule,
  weekdayOf,
} from "../wall.ts";
import type { CronFields, MonthDays, WeekDays } from "./parse-cron.ts";

/** The times at which a clock shows what a cron expression says. */
export function cronWall(fields: CronFields): WallRule {
  const times = dayTimes(fields.hours, fields.minutes, fields.seconds);
  return {
    next(from, until) {
      let day = dayOfWall(from);
      let time = times.from(from - day * DAY_MS);
      if (time === undefined) {
        day++;
        time = times.first;
      }
      for (; day * DAY_MS + time < until; time = times.first) {
        const { year, month, day: date } = civilOf(day);
        if (!fields.months.has(month)) day = dayNumberOf(year, month + 1, 1);
        else if (isDay(fields, day, { year, month, date })) return day * DAY_MS + time;
        else day++;
      }
      return undefined;
    },
  };
}

/** Every hour or every minute matches: such a schedule goes by the time that really passes. */
export function isByElapsedTime({ hours, minutes }: CronFields): boolean {
  return hours.length === 24 || minutes.length === 60;
}

interface OnDate {
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

function isDay({ monthDays, weekDays }: CronFields, day: number, on: OnDate): boolean {
  if (monthDays === undefined) return weekDays === undefined || isWeekDay(weekDays, day, on);
  return isMonthDay(monthDays, day, on) || (weekDays !== undefined && isWeekDay(weekDays, day, on));
}

function isMonthDay(
  { days, beforeLast, nearest, lastWorkday }: MonthDays,
  day: number,
  { year, month, date }: OnDate,
): boolean {
  if (days.has(date)) return true;
  if (beforeLast.length + nearest.length === 0 && !lastWorkday) return false;
  const last = daysInMonth(year, month);
  if (beforeLast.includes(last - date)) return true;
  const first = day - date;
  if (nearest.some((wanted) => wanted <= last && nearestWorkday(first, wanted, last) === date))
    return true;
  return lastWorkday && nearestWorkday(first, last, last) === date;
}

/** The date of the workday next to a date, in the same month; `first` is the day before the month's first. */
function nearestWorkday(first: number, date: number, last: number): number {
  const weekday = weekdayOf(first + date);
  if (weekday === 6) return date > 1 ? date - 1 : date + 2;
  if (weekday === 0) return date < last ? date + 1 : date - 2;
  return date;
}

function isWeekDay({ days, nth }: WeekDays, day: number, { year, month, date }: OnDate): boolean {
  const weekday = weekdayOf(day);
  if (days.has(weekday)) return true;
  return nth.some(
    (one) =>
      one.weekday === weekday &&
      (one.n === -1 ? date + 7 > daysInMonth(year, month) : Math.ceil(date / 7) === one.n),
  );
}
