import { Failure } from "../expressions/failure.ts";
import { localTime } from "../expressions/functions/time-zone.ts";
import { DAY_MS, SECOND_MS } from "./wall.ts";

/** A stretch of time in which a zone has one offset. Where nothing changes, the end of a UTC year ends it all the same. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** What is added to an instant to have what the clock shows. */
  readonly offset: number;
  /** Of the stretch before. */
  readonly before: number;
  /** Of the stretch behind. */
  readonly behind: number;
}

export interface Clock {
  offsetAt(ms: number): number;
  /** The stretch that an instant lies in. */
  stretchAt(ms: number): Stretch;
}

type Year = readonly { readonly start: number; readonly offset: number }[];

/** No zone has changed its clocks twice within so much. */
const SAMPLE_MS = 3 * DAY_MS;
/** To find the changes of a year costs some 150 questions to the zone: years that were looked at are kept. */
const MAX_YEARS = 10_000;

const clocks = new Map<string, Clock>();
let keptYears = 0;

/** Undefined where there is no zone of that name. Fixed offsets, such as +02:00, are none. */
export function clockOf(zone: string): Clock | undefined {
  if (/^[+-]?\d/.test(zone) || localTime(0, zone) instanceof Failure) return undefined;
  // Forgotten all at once: what is kept changes no result.
  if (keptYears > MAX_YEARS) {
    clocks.clear();
    keptYears = 0;
  }
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = createClock(zone);
  clocks.set(zone, clock);
  return clock;
}

function createClock(zone: string): Clock {
  const years = new Map<number, Year>();

  function ask(ms: number): number {
    const whole = Math.floor(ms / SECOND_MS) * SECOND_MS;
    const shown = localTime(whole, zone);
    // The zone was found before.
    if (shown instanceof Failure) throw new Error(`schedule-zone-gone: ${zone}`);
    return shown.getTime() - whole;
  }

  function yearOf(year: number): Year {
    const known = years.get(year);
    if (known !== undefined) return known;
    const [start, end] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
    const found = [{ start, offset: ask(start) }];
    for (let at = start; at < end; at += SAMPLE_MS) {
      const to = Math.min(at + SAMPLE_MS, end - SECOND_MS);
      const offset = ask(to);
      if (offset !== found.at(-1)?.offset) found.push({ start: changeIn(at, to), offset });
    }
    years.set(year, found);
    keptYears++;
    return found;
  }

  /** The first second with the offset that `to` has; `from` has another. */
  function changeIn(from: number, to: number): number {
    const after = ask(to);
    let [low, high] = [from, to];
    while (high - low > SECOND_MS) {
      const middle = Math.floor((low + high) / 2 / SECOND_MS) * SECOND_MS;
      if (ask(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  function placeOf(ms: number): { readonly stretches: Year; readonly index: number } {
    const stretches = yearOf(new Date(ms).getUTCFullYear());
    let index = stretches.length - 1;
    while (index > 0 && (stretches[index] as Year[number]).start > ms) index--;
    return { stretches, index };
  }

  function offsetAt(ms: number): number {
    const { stretches, index } = placeOf(ms);
    return (stretches[index] as Year[number]).offset;
  }

  return {
    offsetAt,
    stretchAt(ms) {
      const { stretches, index } = placeOf(ms);
      const { start, offset } = stretches[index] as Year[number];
      const end = stretches[index + 1]?.start ?? Date.UTC(new Date(start).getUTCFullYear() + 1, 0);
      return { start, end, offset, before: offsetAt(start - 1), behind: offsetAt(end) };
    },
  };
}
