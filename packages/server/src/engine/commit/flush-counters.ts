import type { FinalStatus } from "@yardmaster/protocol";
import type { Unit, UnitOutcome } from "./flush.ts";

/** What this process has made durable since it started. Read by the metrics; plain numbers, as every run pays for it. */
export interface FlushCounters {
  flushes: number;
  units: number;
  runsStarted: number;
  readonly runsFinished: Record<FinalStatus, number>;
  attemptsLost: number;
}

export function newFlushCounters(): FlushCounters {
  const runsFinished = { success: 0, failed: 0, timed_out: 0, canceled: 0 };
  return { flushes: 0, units: 0, runsStarted: 0, runsFinished, attemptsLost: 0 };
}

export function countFlush(
  counters: FlushCounters,
  batch: readonly { readonly unit: Unit }[],
  outcomes: readonly UnitOutcome[],
): void {
  counters.flushes++;
  counters.units += batch.length;
  for (const [i, { unit }] of batch.entries()) {
    if (outcomes[i] !== "done") continue;
    for (const { create, finish, ended } of unit.ops) {
      if (create !== undefined) counters.runsStarted++;
      if (finish !== undefined) counters.runsFinished[finish.status as FinalStatus]++;
      for (const { status } of ended) if (status === "lost") counters.attemptsLost++;
    }
  }
}
