import { setImmediate as breath } from "node:timers/promises";
import type { Occurrences } from "@yardmaster/kernel";
import type { TaskRow } from "../task-row.ts";

/** What is to be written of a task that is due, and when it is due again; undefined: never. */
export type FirePlan =
  | {
      readonly kind: "due";
      readonly scheduledFor: number;
      /** Missed ones that this one stands for as well. */
      readonly coalesced: number;
      readonly reason: "schedule" | "snooze" | "misfire" | "catchup";
      readonly next: number | undefined;
    }
  | {
      readonly kind: "missed";
      readonly from: number;
      readonly until: number;
      readonly count: number;
      readonly next: number | undefined;
    };

export type Due = Pick<
  TaskRow,
  "misfire_policy" | "misfire_grace_ms" | "catchup_limit" | "snoozed_from"
> & { readonly nextRun: number };

/** What was missed is counted in pieces: a schedule of every second that was down for a month has 2.6 million. */
const PIECE = 10_000;

/**
 * What to do of a task that was due at `nextRun`, by the clock of the database. Nothing that was due is passed over: each
 * is a fire of its own, is folded into another, or is counted among the missed.
 */
export async function planFire(due: Due, schedule: Occurrences, now: number): Promise<FirePlan> {
  const { nextRun, misfire_grace_ms: graceMs } = due;
  const isMissed = (at: number): boolean => now - at > graceMs;
  if (!isMissed(nextRun))
    return {
      ...{ kind: "due", scheduledFor: nextRun, coalesced: 0, next: schedule.next(nextRun) },
      reason: due.snoozed_from === null ? "schedule" : "snooze",
    };
  switch (due.misfire_policy) {
    case "run_once": {
      const all = await stretchOf(schedule, nextRun, (at) => at <= now);
      const { last: scheduledFor, count, next } = all;
      return { kind: "due", scheduledFor, coalesced: count - 1, reason: "misfire", next };
    }
    case "skip": {
      const { last: until, count, next } = await stretchOf(schedule, nextRun, isMissed);
      return { kind: "missed", from: nextRun, until, count, next };
    }
    case "run_all":
      return await planCatchUp(due, schedule, isMissed);
  }
}

async function planCatchUp(
  { nextRun, catchup_limit: limit }: Due,
  schedule: Occurrences,
  isMissed: (at: number) => boolean,
): Promise<FirePlan> {
  const { count } = await stretchOf(schedule, nextRun, isMissed);
  if (count <= limit)
    return {
      ...{ kind: "due", scheduledFor: nextRun, coalesced: 0, reason: "catchup" },
      next: schedule.next(nextRun),
    };
  let left = count - limit;
  const dropped = await stretchOf(schedule, nextRun, () => left-- > 0);
  const { last: until, next } = dropped;
  return { kind: "missed", from: nextRun, until, count: dropped.count, next };
}

/** The occurrences from the first on for which `isIn` holds, which it does for the first. */
async function stretchOf(
  schedule: Occurrences,
  first: number,
  isIn: (at: number) => boolean,
): Promise<{ readonly last: number; readonly count: number; readonly next: number | undefined }> {
  let [last, count] = [first, 0];
  let next: number | undefined = first;
  while (next !== undefined && isIn(next)) {
    last = next;
    next = schedule.next(last);
    if (++count % PIECE === 0) await breath();
  }
  return { last, count, next };
}
