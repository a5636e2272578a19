/**
 * Wall time: what a clock on the wall shows, as the Unix milliseconds at which a clock in UTC shows the same. Dates are
 * day numbers, counted from 1970-01-01.
 */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Whoever looks for the next occurrence gives up behind so much: the 29th of February on one weekday comes every 28 years. */
export const HORIZON_MS = Math.ceil(28 * 365.25 + 1) * DAY_MS;

export interface CivilDate {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

/** The Gregorian date of a day number, by years that begin in March, so that the leap day is the last one. */
export function civilOf(dayNumber: number): CivilDate {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** The day number of a date; months beyond 12 belong to the years after. */
export function dayNumberOf(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const [ofYear, ofMonth] = [Math.floor(months / 12), mod(months, 12) + 1];
  const fromMarch = ofMonth <= 2 ? ofYear - 1 : ofYear;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (ofMonth + (ofMonth > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function daysInMonth(year: number, month: number): number {
  return dayNumberOf(year, month + 1, 1) - dayNumberOf(year, month, 1);
}

/** 0 is Sunday. */
export function weekdayOf(dayNumber: number): number {
  return mod(dayNumber + 4, 7);
}

export function dayOfWall(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS);
}

/** Never negative. */
export function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Something that recurs on a clock. The first occurrence, not before `from` and before `until`. */
export interface WallRule {
  next(from: number, until: number): number | undefined;
}

/** The first of the sorted times that is not before `from`. */
export function firstFrom(sorted: readonly number[], from: number): number | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
