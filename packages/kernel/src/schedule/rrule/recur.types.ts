export const FREQUENCIES = [
  "YEARLY",
  "MONTHLY",
  "WEEKLY",
  "DAILY",
  "HOURLY",
  "MINUTELY",
  "SECONDLY",
] as const;
export type Frequency = (typeof FREQUENCIES)[number];

export interface ByDay {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Which one of the month or year, from its end where it is negative; 0: every one. */
  readonly n: number;
}

/** A value of an iCalendar property: an instant, a time that a clock shows, or a day number. */
export type CalendarTime =
  | { readonly kind: "instant"; readonly ms: number }
  | { readonly kind: "wall"; readonly ms: number }
  | { readonly kind: "date"; readonly day: number };

/** An RRULE of RFC 5545. A part that is absent was not said. */
export interface Recur {
  readonly freq: Frequency;
  readonly interval: number;
  readonly count?: number;
  readonly until?: CalendarTime;
  readonly byMonth?: readonly number[];
  readonly byWeekNo?: readonly number[];
  readonly byYearDay?: readonly number[];
  readonly byMonthDay?: readonly number[];
  readonly byDay?: readonly ByDay[];
  readonly byHour?: readonly number[];
  readonly byMinute?: readonly number[];
  readonly bySecond?: readonly number[];
  readonly bySetPos?: readonly number[];
  /** The day on which weeks begin. */
  readonly wkst: number;
}
