import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { Outcome } from "../../src/engine/worker/assignment.ts";
import { rowKey } from "../model/index.ts";

/** A process of an attempt, outside of the engine: it goes on whatever becomes of the worker that started it. */
export interface Child extends AttemptRow {
  readonly host: string;
  readonly session: string;
  /** Whether its worker could do nothing about it at that moment: dead, frozen, or just back. */
  readonly ownerAway: () => boolean;
  /** Instant, and in no lane: nobody leases it, so it may be carried out again. Its end is recorded once. */
  readonly mayRepeat: boolean;
  outcome: Outcome | undefined;
  /** Killed by another process than its worker, as what a gone session left. */
  killedAsOrphan: boolean;
}

export function keyOf({ runId, slot, number }: AttemptRow): string {
  return rowKey(runId, slot, number);
}

export function nameOf(attempt: AttemptRow): string {
  return `attempt ${keyOf(attempt)}`;
}
