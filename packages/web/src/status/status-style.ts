import type { AttemptStatus, StepStatus } from "@yardmaster/protocol/core";

export type AnyStatus = StepStatus | AttemptStatus;

interface StatusStyle {
  readonly word: string;
  /** Of text and icon. */
  readonly ink: string;
  readonly soft: string;
  /** Of a bar in the timeline. */
  readonly bar: string;
  /** A path in a box of 16 by 16, stroked: the shape tells what the colour tells. */
  readonly icon: string;
}

const GOOD = { ink: "text-good", soft: "bg-good-soft", bar: "bg-bar-good" };
const BAD = { ink: "text-bad", soft: "bg-bad-soft", bar: "bg-bar-bad" };
const WARN = { ink: "text-warn", soft: "bg-warn-soft", bar: "bg-bar-warn" };
const BUSY = { ink: "text-accent", soft: "bg-accent-soft", bar: "bg-bar-busy" };
const QUIET = { ink: "text-muted", soft: "bg-sunken", bar: "bg-bar-quiet" };

const CLOCK = "M8 4.5V8l2.2 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0";

export const STATUS_STYLES: Record<AnyStatus, StatusStyle> = {
  queued: { word: "Queued", ...QUIET, icon: "M3 4.5h10M3 8h10M3 11.5h6" },
  running: { word: "Running", ...BUSY, icon: "M8 2a6 6 0 1 1-6 6" },
  waiting: { word: "Waiting", ...WARN, icon: CLOCK },
  success: { word: "Success", ...GOOD, icon: "m3 8.5 3.2 3.2L13 5" },
  failed: { word: "Failed", ...BAD, icon: "m4 4 8 8m0-8-8 8" },
  timed_out: { word: "Timed out", ...BAD, icon: CLOCK },
  canceled: {
    word: "Canceled",
    ...QUIET,
    icon: "M3.8 3.8l8.4 8.4M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  },
  skipped: { word: "Skipped", ...QUIET, icon: "m3 4 4 4-4 4m6-8 4 4-4 4" },
  lost: { word: "Lost", ...WARN, icon: "M8 3v6m0 3.4v.1" },
};
