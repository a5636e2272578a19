export const SCHEDULE_KINDS = ["cron", "rrule", "once", "interval", "manual"] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

/** When something is to happen, as people write it. */
export interface ScheduleText {
  readonly kind: ScheduleKind;
  /** In the words of its kind; empty for `manual`. */
  readonly expr: string;
  /** An IANA name. */
  readonly timezone: string;
  /** ISO 8601; without an offset it is a time of the zone. Where the series of an `rrule` or `interval` begins. */
  readonly dtstart?: string | undefined;
  /** Written the same way. Nothing happens behind it. */
  readonly endsAt?: string | undefined;
  readonly dstGap: "shift" | "skip";
  readonly dstOverlap: "first" | "second" | "both";
}

export interface Occurrences {
  /** The first one behind `after`, in Unix milliseconds; undefined where there is none within 28 years. */
  next(after: number): number | undefined;
}

/** The same instants whenever it is asked, and whoever asks. */
export interface Schedule extends Occurrences {
  readonly kind: ScheduleKind;
  /** The anchor of the series. */
  readonly dtstart: number;
  readonly endsAt: number | undefined;
  /** What is unlikely to be meant. */
  readonly warnings: readonly string[];
}

export type ScheduleField = "expr" | "timezone" | "dtstart" | "endsAt";

/** What is wrong with a schedule, and the way out. */
export interface ScheduleFlaw {
  readonly field: ScheduleField;
  readonly message: string;
  readonly hint?: string;
}

/** Thrown inside, and answered as a value at the border. */
export class Flaw extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
