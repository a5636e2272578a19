import type { CronFields } from "../cron/parse-cron.ts";
import type { Recur } from "../rrule/recur.types.ts";
import type { CivilDate } from "../wall.ts";

const FIFTH = "months without a fifth one of that weekday are left out";

/** Dates that not every month has. */
export function cronDateWarnings({ months, monthDays, weekDays }: CronFields): readonly string[] {
  const warnings = dayWarnings([...(monthDays?.days ?? [])], [...months]);
  return weekDays?.nth.some(({ n }) => n === 5) ? [...warnings, FIFTH] : warnings;
}

export function recurDateWarnings(recur: Recur, start: CivilDate): readonly string[] {
  const { freq, byDay, byMonth, byMonthDay, byYearDay, byWeekNo } = recur;
  const isBySelf = byDay === undefined && byYearDay === undefined && byWeekNo === undefined;
  const ofStart = isBySelf && (freq === "MONTHLY" || freq === "YEARLY") ? [start.day] : [];
  const months = byMonth ?? (freq === "YEARLY" ? [start.month] : []);
  const warnings = dayWarnings(byMonthDay ?? ofStart, months);
  if (byDay?.some(({ n }) => Math.abs(n) === 5) && (freq === "MONTHLY" || byMonth !== undefined))
    return [...warnings, FIFTH];
  return warnings;
}

/** No months: all of them. */
function dayWarnings(days: readonly number[], months: readonly number[]): string[] {
  const of = months.length === 0 ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : months;
  const rare = days.filter((day) => of.some((month) => Math.abs(day) > shortest(month)));
  if (rare.length === 0) return [];
  if (of.length === 1 && of[0] === 2 && rare.every((day) => day === 29))
    return ["the 29th of February comes in leap years alone"];
  const last = days.every((day) => day > 28)
    ? "; the last day of each is L in cron, -1 in an rrule"
    : "";
  return [`not every month has the day ${rare.join(", ")}: those without are left out${last}`];
}

function shortest(month: number): number {
  if (month === 2) return 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
