import { type Clock, clockOf } from "./clock.ts";
import { cronWall, isByElapsedTime } from "./cron/cron-wall.ts";
import { type CronFields, parseCron } from "./cron/parse-cron.ts";
import { AS_SHOWN, type ChangePolicy, onClock } from "./on-clock.ts";
import { readIntervalMs } from "./read-interval.ts";
import { readTime } from "./read-time.ts";
import { parseSeries } from "./rrule/parse-series.ts";
import { placeSeries } from "./rrule/series.ts";
import {
  Flaw,
  type Occurrences,
  type Schedule,
  type ScheduleField,
  type ScheduleFlaw,
  type ScheduleText,
} from "./schedule.types.ts";
import { SECOND_MS } from "./wall.ts";
import { densityWarnings } from "./warnings/density.ts";
import { cronDateWarnings, recurDateWarnings } from "./warnings/rare-dates.ts";
import { changeWarnings } from "./warnings/times-in-changes.ts";

export type CompiledSchedule =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly flaws: readonly ScheduleFlaw[] };

/**
 * Reads a schedule. `anchor` is where a series begins that names no beginning: the second in which it was made, which is
 * kept with it, so that the series is the same whenever it is asked.
 */
export function compileSchedule(text: ScheduleText, anchor: number): CompiledSchedule {
  const flaws: ScheduleFlaw[] = [];
  const read = <T>(field: ScheduleField, how: () => T): T | undefined => {
    try {
      return how();
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      const { message, hint } = error;
      flaws.push({ field, message, ...(hint === undefined ? {} : { hint }) });
      return undefined;
    }
  };
  const clock = read("timezone", () => readZone(text.timezone));
  if (clock === undefined) return { ok: false, flaws };
  const dtstart = text.dtstart && read("dtstart", () => readTime(text.dtstart ?? "", clock));
  const endsAt = text.endsAt && read("endsAt", () => readTime(text.endsAt ?? "", clock));
  const second = Math.floor(anchor / SECOND_MS) * SECOND_MS;
  const made = read("expr", () =>
    make(text, { clock, dtstart: dtstart || undefined, anchor: second }),
  );
  if (made === undefined || flaws.length > 0) return { ok: false, flaws };
  const schedule = ended(made, { kind: text.kind, endsAt: endsAt || undefined });
  if (made.isRecurring && firstOf(schedule, anchor) === undefined)
    return { ok: false, flaws: [firstOf(made, anchor) === undefined ? NEVER : OVER] };
  return { ok: true, schedule: { ...schedule, warnings: made.warnings(anchor) } };
}

const NEVER: ScheduleFlaw = {
  field: "expr",
  message: "it never happens, in 28 years not once",
  hint: "look at the dates that it asks for, and at where it begins and ends",
};
const OVER: ScheduleFlaw = {
  field: "endsAt",
  message: "nothing happens before it",
  hint: "write a later time, or leave it out",
};

/** The first one of a series, however long ago or ahead it begins. */
function firstOf(schedule: Occurrences & { readonly dtstart: number }, anchor: number) {
  return schedule.next(schedule.dtstart - 1) ?? schedule.next(anchor);
}

function readZone(name: string): Clock {
  const clock = clockOf(name);
  if (clock !== undefined) return clock;
  throw new Flaw(
    `there is no time zone ${JSON.stringify(name.slice(0, 60))}`,
    "write an IANA name: UTC, Europe/Berlin, America/Argentina/Buenos_Aires",
  );
}

interface Setting {
  readonly clock: Clock;
  readonly dtstart: number | undefined;
  readonly anchor: number;
}

interface Made extends Occurrences {
  readonly dtstart: number;
  readonly isRecurring: boolean;
  warnings(at: number): readonly string[];
}

function make(text: ScheduleText, setting: Setting): Made {
  const { dtstart, anchor } = setting;
  const start = dtstart ?? anchor;
  switch (text.kind) {
    case "cron":
      return makeCron(text, setting);
    case "rrule":
      return makeSeries(text, setting);
    case "interval": {
      const every = readIntervalMs(text.expr);
      const next = (after: number): number =>
        start + Math.max(Math.ceil((after + 1 - start) / every), 0) * every;
      return {
        dtstart: start,
        isRecurring: true,
        next,
        warnings: () => densityWarnings({ next }, start),
      };
    }
    case "once": {
      const at = readTime(text.expr, setting.clock, policyOf(text));
      const next = (after: number): number | undefined => (after < at ? at : undefined);
      return { dtstart: at, isRecurring: false, next, warnings: () => [] };
    }
    case "manual":
      if (text.expr.trim() !== "")
        throw new Flaw("a manual task has no expression", "leave it out");
      return { dtstart: start, isRecurring: false, next: () => undefined, warnings: () => [] };
  }
}

function makeCron(text: ScheduleText, { clock, dtstart, anchor }: Setting): Made {
  const fields: CronFields = parseCron(text.expr);
  const isElapsed = isByElapsedTime(fields);
  const rule = cronWall(fields);
  const all = onClock(rule, clock, isElapsed ? AS_SHOWN : policyOf(text));
  const next = (after: number): number | undefined =>
    all.next(dtstart === undefined ? after : Math.max(after, dtstart - 1));
  return {
    dtstart: dtstart ?? anchor,
    isRecurring: true,
    next,
    warnings: (at) => [
      ...cronDateWarnings(fields),
      ...(isElapsed ? [] : changeWarnings(rule, clock, text, at)),
      ...densityWarnings({ next }, at),
    ],
  };
}

function makeSeries(text: ScheduleText, setting: Setting): Made {
  const series = placeSeries(text.expr, { ...setting, policy: policyOf(text) });
  const { recur } = parseSeries(text.expr);
  return {
    dtstart: series.dtstart,
    isRecurring: true,
    next: series.next,
    warnings: (at) => [
      ...(recur === undefined ? [] : recurDateWarnings(recur, series.startDate)),
      ...(series.wall === undefined ? [] : changeWarnings(series.wall, setting.clock, text, at)),
      ...densityWarnings(series, Math.max(at, series.dtstart - 1)),
    ],
  };
}

function policyOf({ dstGap, dstOverlap }: ScheduleText): ChangePolicy {
  return { gap: dstGap, overlap: dstOverlap };
}

function ended(
  { next, dtstart }: Made,
  { kind, endsAt }: Pick<Schedule, "kind" | "endsAt">,
): Omit<Schedule, "warnings"> {
  const last = endsAt ?? Number.POSITIVE_INFINITY;
  return {
    kind,
    dtstart,
    endsAt,
    next(after) {
      const found = next(after);
      return found === undefined || found > last ? undefined : found;
    },
  };
}
