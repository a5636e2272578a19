import type { Recur } from "./rrule/recur.types.ts";

/**
 * What a schedule is by its definition, found the slow way: each minute, or day, of a stretch of time is held against
 * the words of the rule, with the dates of JavaScript and nothing of the code that is tested.
 */

const DAY = 86_400_000;

/** Minutes at which a plain cron expression matches, of lists, ranges and steps alone. */
export function cronMinutes(expr: string, from: number, until: number): number[] {
  const [minute = "", hour = "", date = "", month = "", weekday = ""] = expr.split(" ");
  const found: number[] = [];
  for (let at = from; at < until; at += 60_000) {
    const now = new Date(at);
    if (!has(minute, now.getUTCMinutes(), 0, 59) || !has(hour, now.getUTCHours(), 0, 23)) continue;
    if (!has(month, now.getUTCMonth() + 1, 1, 12)) continue;
    const byDate = has(date, now.getUTCDate(), 1, 31);
    const byDay =
      has(weekday, now.getUTCDay(), 0, 7) || (now.getUTCDay() === 0 && has(weekday, 7, 0, 7));
    const either = date !== "*" && weekday !== "*";
    if (either ? byDate || byDay : byDate && byDay) found.push(at);
  }
  return found;
}

function has(field: string, value: number, min: number, max: number): boolean {
  return field.split(",").some((item) => {
    const [range = "", step] = item.split("/");
    const [first = "", second] = range.split("-");
    const from = range === "*" ? min : Number(first);
    const to = range === "*" ? max : Number(second ?? (step === undefined ? first : max));
    return value >= from && value <= to && (value - from) % Number(step ?? 1) === 0;
  });
}

/** Of rules that step by days or more: those from `start` on and before `until`, in UTC. */
export function recurTimes(recur: Recur, start: number, until: number): number[] {
  const sets = new Map<number, number[]>();
  const first = new Date(start);
  const begin = Date.UTC(first.getUTCFullYear(), 0, 1) - 7 * DAY;
  const base = periodOf(recur, start);
  for (let midnight = begin; midnight < until + 400 * DAY; midnight += DAY) {
    const period = periodOf(recur, midnight);
    if ((period - base) % recur.interval !== 0 || !isDay(recur, new Date(midnight), first))
      continue;
    const set = sets.get(period) ?? [];
    sets.set(period, set);
    for (const hour of recur.byHour ?? [first.getUTCHours()])
      for (const minute of recur.byMinute ?? [first.getUTCMinutes()])
        for (const second of recur.bySecond ?? [first.getUTCSeconds()])
          set.push(midnight + ((hour * 60 + minute) * 60 + second) * 1_000);
  }
  return [...sets.values()]
    .flatMap((set) =>
      set.filter(
        (_, i) =>
          recur.bySetPos === undefined ||
          recur.bySetPos.some((place) => i === (place > 0 ? place - 1 : set.length + place)),
      ),
    )
    .filter((at) => at >= start && at < until)
    .sort((a, b) => a - b);
}

function periodOf({ freq, wkst }: Recur, at: number): number {
  const date = new Date(at);
  if (freq === "YEARLY") return date.getUTCFullYear();
  if (freq === "MONTHLY") return date.getUTCFullYear() * 12 + date.getUTCMonth();
  const day = Math.floor(at / DAY);
  // 1970-01-01 was a Thursday.
  return freq === "WEEKLY" ? Math.floor((day + 4 - wkst) / 7) : day;
}

function isDay(recur: Recur, date: Date, first: Date): boolean {
  const { freq, byMonth, byMonthDay, byYearDay, byDay } = recur;
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const ofYear = (date.getTime() - Date.UTC(year, 0, 1)) / DAY + 1;
  const length = (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY;
  const isBare = byMonthDay === undefined && byYearDay === undefined && byDay === undefined;
  if (byMonth !== undefined && !byMonth.includes(month + 1)) return false;
  if (isBare && freq === "YEARLY" && byMonth === undefined && month !== first.getUTCMonth())
    return false;
  if (
    isBare &&
    (freq === "YEARLY" || freq === "MONTHLY") &&
    date.getUTCDate() !== first.getUTCDate()
  )
    return false;
  if (isBare && freq === "WEEKLY" && date.getUTCDay() !== first.getUTCDay()) return false;
  if (byMonthDay?.every((day) => (day > 0 ? day : last + 1 + day) !== date.getUTCDate()))
    return false;
  if (byYearDay?.every((day) => (day > 0 ? day : length + 1 + day) !== ofYear)) return false;
  if (byDay === undefined) return true;
  const ofMonth = freq === "MONTHLY" || byMonth !== undefined;
  const place = ofMonth ? date.getUTCDate() : ofYear;
  const size = ofMonth ? last : length;
  return byDay.some(
    ({ weekday, n }) =>
      weekday === date.getUTCDay() &&
      (n === 0 || n === Math.ceil(place / 7) || n === -Math.ceil((size - place + 1) / 7)),
  );
}
