import { dayTimes } from "../day-times.ts";
import {
  civilOf,
  DAY_MS,
  dayNumberOf,
  dayOfWall,
  HOUR_MS,
  MINUTE_MS,
  mod,
  SECOND_MS,
  type WallRule,
} from "../wall.ts";
import { type DayFilter, dayFilter, weekStartOf } from "./day-filter.ts";
import type { Recur } from "./recur.types.ts";

/** Periods of a frequency, numbered from any one on. */
interface Periods {
  indexOf(day: number): number;
  /** The first day of a period; its end is the start of the next. */
  start(index: number): number;
}

/**
 * A rule that steps by days or more, in wall time: of every `interval`-th period, counted from that of the beginning, the
 * days that pass the filter, each with the same times.
 */
export function recurDays(recur: Recur, startWall: number): WallRule {
  const startDay = dayOfWall(startWall);
  const isDay = dayFilter(recur, startDay);
  const periods = periodsOf(recur);
  const base = periods.indexOf(startDay);
  const timeOfStart = startWall - startDay * DAY_MS;
  const times = dayTimes(
    recur.byHour ?? [Math.floor(timeOfStart / HOUR_MS)],
    recur.byMinute ?? [Math.floor((timeOfStart % HOUR_MS) / MINUTE_MS)],
    recur.bySecond ?? [Math.floor((timeOfStart % MINUTE_MS) / SECOND_MS)],
  );

  /** The first of a period that is not before `from`. */
  function inPeriod(index: number, from: number): number | undefined {
    const [first, end] = [periods.start(index), periods.start(index + 1)];
    if (recur.bySetPos !== undefined) return picked(recur.bySetPos, first, end, from);
    for (let day = Math.max(first, dayOfWall(from)); day < end; day++) {
      if (!isDay(day)) continue;
      const time = times.from(Math.max(from - day * DAY_MS, 0));
      if (time !== undefined) return day * DAY_MS + time;
    }
    return undefined;
  }

  function picked(
    positions: readonly number[],
    first: number,
    end: number,
    from: number,
  ): number | undefined {
    const days = daysBetween(first, end, isDay);
    const count = days.length * times.count;
    const walls = positions.flatMap((position) => {
      const place = position > 0 ? position - 1 : count + position;
      if (place < 0 || place >= count) return [];
      const day = days[Math.floor(place / times.count)] as number;
      return [day * DAY_MS + times.at(place % times.count)];
    });
    const later = walls.filter((wall) => wall >= from);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  return {
    next(from, until) {
      const begin = Math.max(from, startWall);
      const reached = periods.indexOf(dayOfWall(begin));
      let index = reached + mod(base - reached, recur.interval);
      for (; periods.start(index) * DAY_MS < until; index += recur.interval) {
        const found = inPeriod(index, begin);
        if (found !== undefined) return found < until ? found : undefined;
      }
      return undefined;
    },
  };
}

function daysBetween(first: number, end: number, isDay: DayFilter): number[] {
  const days: number[] = [];
  for (let day = first; day < end; day++) if (isDay(day)) days.push(day);
  return days;
}

function periodsOf({ freq, wkst }: Recur): Periods {
  switch (freq) {
    case "YEARLY":
      return {
        indexOf: (day) => civilOf(day).year,
        start: (year) => dayNumberOf(year, 1, 1),
      };
    case "MONTHLY":
      return {
        indexOf(day) {
          const { year, month } = civilOf(day);
          return year * 12 + month - 1;
        },
        start: (index) => dayNumberOf(0, index + 1, 1),
      };
    case "WEEKLY": {
      const anyStart = weekStartOf(0, wkst);
      return {
        indexOf: (day) => (weekStartOf(day, wkst) - anyStart) / 7,
        start: (index) => anyStart + index * 7,
      };
    }
    default:
      return { indexOf: (day) => day, start: (index) => index };
  }
}
