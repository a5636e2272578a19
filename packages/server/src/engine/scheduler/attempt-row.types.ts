import type { AttemptPlace } from "@yardmaster/kernel";

/** An attempt, or the timer that stands in its place, of a run. */
export interface AttemptRow extends AttemptPlace {
  readonly runId: string;
}
