import type { AttemptPlace } from "@yardmaster/kernel";

/** An attempt, or the timer that stands in its place, of a run. */
export interface AttemptRow extends AttemptPlace {
  readonly runId: string;
}

/** Names an attempt among those of all runs, in memory: what is stored or sent names it by its three fields. */
export function attemptKey({ runId, slot, number }: AttemptRow): string {
  return `${runId}/${slot}/${number}`;
}
