import type { AttemptStatus, StepStatus } from "@yardmaster/protocol/core";
import { ICONS, type Look, TONES } from "./look.ts";

export type AnyStatus = StepStatus | AttemptStatus;

interface StatusStyle extends Look {
  /** Of a bar in the timeline. */
  readonly bar: string;
}

const { good, bad, warn, busy, quiet } = TONES;

export const STATUS_STYLES: Record<AnyStatus, StatusStyle> = {
  queued: { word: "Queued", ...quiet, icon: "M3 4.5h10M3 8h10M3 11.5h6" },
  running: { word: "Running", ...busy, icon: "M8 2a6 6 0 1 1-6 6" },
  waiting: { word: "Waiting", ...warn, icon: ICONS.clock },
  success: { word: "Success", ...good, icon: ICONS.check },
  failed: { word: "Failed", ...bad, icon: ICONS.cross },
  timed_out: { word: "Timed out", ...bad, icon: ICONS.clock },
  canceled: { word: "Canceled", ...quiet, icon: ICONS.off },
  skipped: { word: "Skipped", ...quiet, icon: "m3 4 4 4-4 4m6-8 4 4-4 4" },
  lost: { word: "Lost", ...warn, icon: "M8 3v6m0 3.4v.1" },
};
