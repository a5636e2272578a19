import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import type { Tables } from "../model/index.ts";

/**
 * Whether runs are ended without their definitions only where that was asked, from the leaves on, and where nobody is at
 * it who has the definition.
 */
export function createAbandonCheck(
  tables: Pick<Tables, "runs">,
  breach: (what: string) => void,
  counts: { abandoned: number },
) {
  /** Whose cancel somebody waits for who has no definition; and those that were canceled in order since. */
  const asked = new Set<string>();
  const inHand = new Set<string>();

  function abandoned({ runId }: RunOp): void {
    counts.abandoned++;
    if (!asked.has(runId)) breach(`run ${runId} was abandoned, and nobody asked for it`);
    if (inHand.has(runId)) breach(`run ${runId} was abandoned while it was canceled in order`);
    for (const [id, { birth }] of tables.runs)
      if (birth.parent?.runId === runId) breach(`run ${runId} was abandoned before its step ${id}`);
  }

  return {
    asked(runIds: readonly string[]): void {
      for (const runId of runIds) {
        asked.add(runId);
        inHand.delete(runId);
      }
    },
    /** An op that has become durable. */
    written(op: RunOp): void {
      if (isAbandoning(op)) abandoned(op);
      else if (op.canceling && asked.has(op.runId)) inHand.add(op.runId);
    },
  };
}

export function isAbandoning({ events }: RunOp): boolean {
  return events.includes('"type":"abandoned"');
}
