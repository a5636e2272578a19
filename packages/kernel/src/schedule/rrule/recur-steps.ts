import { DAY_MS, dayOfWall, HOUR_MS, MINUTE_MS, mod, SECOND_MS } from "../wall.ts";
import { dayFilter } from "./day-filter.ts";
import type { Recur } from "./recur.types.ts";

const STEP_MS: { readonly [freq: string]: number } = {
  HOURLY: HOUR_MS,
  MINUTELY: MINUTE_MS,
  SECONDLY: SECOND_MS,
};

/** Steps in which nothing was found before it is given up: a rule that asks for what never is would step for minutes. */
const MAX_STEPS = 200_000;

/** What the steps go along: wall time, or time as it passes, of which the clock shows something else at each change. */
export interface StepLine {
  /** What the clock shows at a place of the line. */
  wallAt(place: number): number;
  /** How much of a way on the clock, from a place on, can be jumped over: the clock may be changed on it. */
  jump(place: number, ms: number): number;
}

/**
 * A rule that steps by hours, minutes or seconds from its beginning on. Days, hours and larger units that the rule does
 * not take are jumped over; smaller units than the step are laid out within it.
 */
export function recurSteps(recur: Recur, start: number, line: StepLine) {
  const stepMs = recur.interval * (STEP_MS[recur.freq] as number);
  const unitMs = STEP_MS[recur.freq] as number;
  const isDay = dayFilter(recur, dayOfWall(line.wallAt(start)));
  const offsets = offsetsWithin(recur, line.wallAt(start));

  /** How far it is at least to something that may match; 0 where this may. */
  function gapAt(place: number, wall: number): number {
    const jump = (ms: number): number => Math.max(line.jump(place, ms), SECOND_MS);
    const [inDay, inHour, inMinute] = [mod(wall, DAY_MS), mod(wall, HOUR_MS), mod(wall, MINUTE_MS)];
    if (!isDay(dayOfWall(wall))) return jump(DAY_MS - inDay);
    if (recur.byHour?.includes(Math.floor(inDay / HOUR_MS)) === false)
      return jump(HOUR_MS - inHour);
    if (unitMs === HOUR_MS) return 0;
    if (recur.byMinute?.includes(Math.floor(inHour / MINUTE_MS)) === false)
      return jump(MINUTE_MS - inMinute);
    if (unitMs === MINUTE_MS) return 0;
    return recur.bySecond?.includes(Math.floor(inMinute / SECOND_MS)) === false ? SECOND_MS : 0;
  }

  return {
    next(from: number, until: number): number | undefined {
      const first = Math.max(from, start);
      // One before: what is laid out within a step stands behind its beginning.
      let index = Math.max(Math.floor((first - start) / stepMs) - 1, 0);
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        const place = start + index * stepMs;
        if (place - unitMs >= until) return undefined;
        const wall = line.wallAt(place);
        const gap = gapAt(place, wall);
        if (gap > 0) {
          index = Math.max(index + 1, Math.ceil((place + gap - start) / stepMs));
          continue;
        }
        const found = offsets(wall).find((offset) => place + offset >= first);
        if (found !== undefined) return place + found < until ? place + found : undefined;
        index++;
      }
      return undefined;
    },
  };
}

/** Where within a step, from its place on, the rule happens; sorted. */
function offsetsWithin(recur: Recur, startWall: number): (wall: number) => readonly number[] {
  const { freq, byMinute, bySecond, bySetPos } = recur;
  const isHourly = freq === "HOURLY";
  const laidOut = isHourly ? (byMinute ?? bySecond) : freq === "MINUTELY" ? bySecond : undefined;
  if (laidOut === undefined) {
    const here = atPositions([0], bySetPos);
    return () => here;
  }
  const unitMs = STEP_MS[freq] as number;
  const startMinute = Math.floor(mod(startWall, HOUR_MS) / MINUTE_MS);
  const minutes = isHourly ? (byMinute ?? [startMinute]) : [0];
  const seconds = bySecond ?? [Math.floor(mod(startWall, MINUTE_MS) / SECOND_MS)];
  const all = minutes.flatMap((minute) =>
    seconds.map((second) => minute * MINUTE_MS + second * SECOND_MS),
  );
  const picked = atPositions(all, bySetPos);
  return (wall) => picked.map((offset) => offset - mod(wall, unitMs));
}

function atPositions(
  all: readonly number[],
  positions: readonly number[] | undefined,
): readonly number[] {
  if (positions === undefined) return all;
  return all.filter(
    (_, index) => positions.includes(index + 1) || positions.includes(index - all.length),
  );
}
