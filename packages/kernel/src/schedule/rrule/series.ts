import { type Clock, clockOf } from "../clock.ts";
import { type ChangePolicy, onClock } from "../on-clock.ts";
import { Flaw, type Occurrences } from "../schedule.types.ts";
import {
  type CivilDate,
  civilOf,
  DAY_MS,
  dayOfWall,
  firstFrom,
  HORIZON_MS,
  HOUR_MS,
  type WallRule,
} from "../wall.ts";
import { instantOfWall } from "../wall-instant.ts";
import { parseSeries, type Series, type SeriesTime } from "./parse-series.ts";
import type { CalendarTime, Recur } from "./recur.types.ts";
import { recurDays } from "./recur-days.ts";
import { recurSteps } from "./recur-steps.ts";

export interface SeriesOn {
  readonly clock: Clock;
  readonly policy: ChangePolicy;
  /** Where the text names no DTSTART. */
  readonly dtstart: number | undefined;
  /** Where nobody does. */
  readonly anchor: number;
}

export interface PlacedSeries extends Occurrences {
  readonly dtstart: number;
  /** The day on which it begins, as the clock shows it. */
  readonly startDate: CivilDate;
  /** Its rule in wall time; undefined where it goes by the time that really passes. */
  readonly wall: WallRule | undefined;
}

/** The occurrences that the text of an `rrule` schedule names. @throws Flaw */
export function placeSeries(text: string, on: SeriesOn): PlacedSeries {
  const series = parseSeries(text);
  if (series.dtstart !== undefined && on.dtstart !== undefined)
    throw new Flaw("DTSTART and dtstart are both given", "leave one of them out");
  const start = startOf(series, on);
  const { recur } = series;
  const wall = recur && wallRule(recur, start.wall);
  const rule = recur && bounded(recur, ruleOn(recur, wall, start, on), start, on);
  const added = series.added
    .map(({ time, zone }) => instantOf(dated(time, start.wall), zoneClock(zone, on.clock)))
    .sort((a, b) => a - b);
  const isLeft = leftOut(series.left, on.clock);
  return {
    dtstart: start.instant,
    startDate: civilOf(dayOfWall(start.wall)),
    wall,
    next(after) {
      for (let at = after; ; ) {
        const found = earlier(rule?.next(at), firstFrom(added, at + 1));
        if (found === undefined || !isLeft(found)) return found;
        at = found;
      }
    },
  };
}

interface Start {
  readonly instant: number;
  readonly wall: number;
}

function startOf({ dtstart }: Series, on: SeriesOn): Start {
  if (dtstart === undefined) {
    const instant = on.dtstart ?? on.anchor;
    return { instant, wall: instant + on.clock.offsetAt(instant) };
  }
  const { time, zone } = dtstart;
  const instant = instantOf(time, zoneClock(zone, on.clock));
  // In the zone of the schedule it is taken as it is written, also where the clock does not show it that day.
  if (zone === undefined && time.kind === "wall") return { instant, wall: time.ms };
  return { instant, wall: instant + on.clock.offsetAt(instant) };
}

const STEPS: ReadonlySet<string> = new Set(["HOURLY", "MINUTELY", "SECONDLY"]);

function isByElapsedTime({ freq, byHour }: Recur): boolean {
  return STEPS.has(freq) && byHour === undefined;
}

function wallRule(recur: Recur, start: number): WallRule | undefined {
  if (isByElapsedTime(recur)) return undefined;
  if (!STEPS.has(recur.freq)) return recurDays(recur, start);
  return recurSteps(recur, start, { wallAt: (at) => at, jump: (_, ms) => ms });
}

function ruleOn(
  recur: Recur,
  wall: WallRule | undefined,
  { instant }: Start,
  { clock, policy }: SeriesOn,
): Occurrences {
  if (wall !== undefined) return onClock(wall, clock, policy);
  const steps = recurSteps(recur, instant, {
    wallAt: (at) => at + clock.offsetAt(at),
    jump: (at, ms) =>
      clock.offsetAt(at) === clock.offsetAt(at + ms) ? ms : ms - LONGEST_CHANGE_MS,
  });
  return { next: (after) => steps.next(after + 1, after + HORIZON_MS) };
}

/** Clocks are changed by less, but for the few islands that went over the date line. */
const LONGEST_CHANGE_MS = 3 * HOUR_MS;

/** Ends a rule at its UNTIL or its COUNT. What is counted are the instants at which it happens. */
function bounded(recur: Recur, rule: Occurrences, start: Start, { clock }: SeriesOn): Occurrences {
  const { until, count } = recur;
  if (until === undefined && count === undefined) return rule;
  let last = until === undefined ? undefined : endOf(until, clock);
  return {
    next(after) {
      last ??= lastCounted(rule, count ?? 0, start.instant);
      const found = rule.next(after);
      return found === undefined || found > last ? undefined : found;
    },
  };
}

function lastCounted(rule: Occurrences, count: number, start: number): number {
  let last = start - 1;
  for (let i = 0; i < count; i++) {
    const next = rule.next(last);
    if (next === undefined) break;
    last = next;
  }
  return last;
}

/** A day ends with its last millisecond. */
function endOf(until: CalendarTime, clock: Clock): number {
  return until.kind === "date"
    ? instantOfWall((until.day + 1) * DAY_MS, clock) - 1
    : instantOf(until, clock);
}

function instantOf(time: CalendarTime, clock: Clock): number {
  if (time.kind === "instant") return time.ms;
  return instantOfWall(time.kind === "date" ? time.day * DAY_MS : time.ms, clock);
}

/** A day that is added has the time of the beginning. */
function dated(time: CalendarTime, startWall: number): CalendarTime {
  if (time.kind !== "date") return time;
  const timeOfDay = startWall - dayOfWall(startWall) * DAY_MS;
  return { kind: "wall", ms: time.day * DAY_MS + timeOfDay };
}

/** Whether an instant is left out: by itself, or with the whole day on the clock. */
function leftOut(left: readonly SeriesTime[], own: Clock): (instant: number) => boolean {
  const instants = new Set<number>();
  const days = new Set<number>();
  for (const { time, zone } of left) {
    if (time.kind === "date") days.add(time.day);
    else instants.add(instantOf(time, zoneClock(zone, own)));
  }
  return (instant) =>
    instants.has(instant) ||
    (days.size > 0 && days.has(dayOfWall(instant + own.offsetAt(instant))));
}

function zoneClock(zone: string | undefined, own: Clock): Clock {
  if (zone === undefined) return own;
  const clock = clockOf(zone);
  if (clock === undefined) throw new Flaw(`TZID: there is no time zone ${JSON.stringify(zone)}`);
  return clock;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
