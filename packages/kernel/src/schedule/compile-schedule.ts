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
import { changeWarnings, skippedText, twiceText } from "./warnings/times-in-changes.ts";

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
  return { ok: true, schedule: { ...schedule, warnings: made.warnings(anchor, schedule) } };
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

const UTC = readZone("UTC");

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
  /** `all` is the same with its end. */
  warnings(at: number, all: Occurrences): readonly string[];
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
    case "once":
      return makeOnce(text, setting);
    case "manual":
      if (text.expr.trim() !== "")
        throw new Flaw("a manual task has no expression", "leave it out");
      return { dtstart: start, isRecurring: false, next: () => undefined, warnings: () => [] };
  }
}

function makeOnce(text: ScheduleText, { clock }: Setting): Made {
  if (text.dstOverlap === "both")
    throw new Flaw(
      "once is not both times (dst_overlap: both)",
      "write dst_overlap: first or second",
    );
  const read = (overlap: "first" | "second"): number =>
    readTime(text.expr, clock, { gap: text.dstGap, overlap });
  const at = read(text.dstOverlap);
  const next = (after: number): number | undefined => (after < at ? at : undefined);
  // With an offset it is the same instant in every zone, and no clock leaves it out.
  const said = readTime(text.expr, UTC);
  const isLeftOut = at !== said && at + clock.offsetAt(at) !== said;
  if (isLeftOut && text.dstGap === "skip")
    throw new Flaw(
      `the clocks of ${text.timezone} leave this time out, so it would never be due (dst_gap: skip)`,
      "write another time, or dst_gap: shift",
    );
  return {
    ...{ dtstart: at, isRecurring: false, next },
    warnings: () => [
      ...(isLeftOut ? [skippedText(text.expr, text)] : []),
      ...(read("first") === read("second") ? [] : [twiceText(text.expr, text)]),
    ],
  };
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
    warnings: (at, bounded) => [
      ...cronDateWarnings(fields),
      ...(isElapsed ? [] : changeWarnings(rule, clock, text, { from: at, all: bounded })),
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
    warnings: (at, all) => [
      ...countWarnings(recur?.count, series, setting),
      ...(recur === undefined ? [] : recurDateWarnings(recur, series.startDate)),
      ...(series.wall === undefined
        ? []
        : changeWarnings(series.wall, setting.clock, text, { from: at, all })),
      ...densityWarnings(series, Math.max(at, series.dtstart - 1)),
    ],
  };
}

/** The second in which a series is made has passed when it is first asked. */
function countWarnings(
  count: number | undefined,
  { next, dtstart }: Occurrences & { readonly dtstart: number },
  { anchor, dtstart: said }: Setting,
): readonly string[] {
  if (count === undefined || said !== undefined) return [];
  if (dtstart !== anchor || next(anchor - 1) !== anchor) return [];
  return [
    `without dtstart the first of COUNT=${count} is the moment at which it is made, which has passed: give dtstart`,
  ];
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
