import { firstFrom, HOUR_MS, MINUTE_MS, SECOND_MS } from "./wall.ts";

/** The times of a day that hours, minutes and seconds make, each sorted, as milliseconds from midnight. */
export interface DayTimes {
  readonly count: number;
  readonly first: number;
  /** The n-th of the day, from 0. */
  at(index: number): number;
  /** The first that is not before `time`. */
  from(time: number): number | undefined;
}

/** Never all 86,400 at once: a schedule of every second would hold as many. */
export function dayTimes(
  hours: readonly number[],
  minutes: readonly number[],
  seconds: readonly number[],
): DayTimes {
  const perHour = minutes.length * seconds.length;
  const count = hours.length * perHour;

  function at(index: number): number {
    const hour = hours[Math.floor(index / perHour)] as number;
    const minute = minutes[Math.floor((index % perHour) / seconds.length)] as number;
    const second = seconds[index % seconds.length] as number;
    return hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  }

  const first = at(0);
  const firstInHour = first % HOUR_MS;
  const firstInMinute = first % MINUTE_MS;

  return {
    count,
    first,
    at,
    from(time) {
      const hour = firstFrom(hours, Math.floor(time / HOUR_MS));
      if (hour === undefined) return undefined;
      if (hour * HOUR_MS > time) return hour * HOUR_MS + firstInHour;
      const minute = firstFrom(minutes, Math.floor((time % HOUR_MS) / MINUTE_MS));
      if (minute !== undefined) {
        const start = hour * HOUR_MS + minute * MINUTE_MS;
        if (start > time) return start + firstInMinute;
        const second = firstFrom(seconds, Math.ceil((time - start) / SECOND_MS));
        if (second !== undefined) return start + second * SECOND_MS;
        const next = firstFrom(minutes, minute + 1);
        if (next !== undefined) return hour * HOUR_MS + next * MINUTE_MS + firstInMinute;
      }
      const next = firstFrom(hours, hour + 1);
      return next === undefined ? undefined : next * HOUR_MS + firstInHour;
    },
  };
}
