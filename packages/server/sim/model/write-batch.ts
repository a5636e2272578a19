import type { Sent, UnitOutcome } from "../../src/engine/commit/flush.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import { isLive, type Tables } from "./tables.ts";
import { type Breakage, writeOps } from "./write-ops.ts";

/** `writeBatch` of flush.ts, for units without a part: one commit, and what became of each unit. */
export function writeBatch(
  tables: Tables,
  sessionId: string,
  batch: readonly Sent[],
  nowMs: number,
  snapshot: number,
  broken: Breakage = {},
): UnitOutcome[] {
  const before = new Set(
    batch.flatMap(({ unit, again }) =>
      again ? unit.ops.filter((op) => isJournaled(tables, op)) : [],
    ),
  );
  const ops = batch.flatMap(({ unit }) => unit.ops).filter((op) => !before.has(op));
  const written = writeOps(tables, sessionId, ops, nowMs, snapshot, broken);
  return batch.map(({ unit }): UnitOutcome => {
    if (unit.ops.every((op) => before.has(op) || written.has(op.runId))) return "done";
    return isLive(tables, sessionId, snapshot) ? "conflict" : "ended";
  });
}

function isJournaled(tables: Tables, op: RunOp): boolean {
  const lines = tables.journal.get(op.runId) ?? [];
  return lines.some((line) => line.version === op.expected + 1 && line.opId === op.opId);
}
