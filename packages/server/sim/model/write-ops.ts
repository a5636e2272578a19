import type { RunOp } from "../../src/engine/run-op.ts";
import { rowKey, type Tables } from "./tables.ts";

/** Whether the session may write: read when a statement begins, as its snapshot is. */
export function isLive(tables: Tables, sessionId: string): boolean {
  return tables.sessions.get(sessionId)?.endedAt === null;
}

/** What a unique index says. */
export class DuplicateRow extends Error {
  constructor(table: string, key: string) {
    super(`duplicate key in ${table}: ${key}`);
  }
}

/** Guards of the store that are taken away, to prove that the checker would see it. */
export interface Breakage {
  readonly versionGuard?: boolean;
  readonly liveGuard?: boolean;
  readonly laneLock?: boolean;
  readonly stopFlag?: boolean;
  readonly fifo?: boolean;
  readonly orphans?: boolean;
  readonly lateLoss?: boolean;
}

/** `writeRunOps` of flush.store.ts: the runs whose op was written. A row that exists already fails them all. */
export function writeOps(
  tables: Tables,
  sessionId: string,
  ops: readonly RunOp[],
  nowMs: number,
  live: boolean,
  broken: Breakage = {},
): Set<string> {
  const going = ops.filter(
    (op) => (live || broken.liveGuard === true) && mayWrite(tables, op, broken),
  );
  for (const op of going) refuseDuplicates(tables, op);
  for (const op of going) write(tables, sessionId, op, nowMs);
  // Positions are drawn in the order in which the ops were handed in.
  for (const op of going) joinLines(tables, op);
  return new Set(going.map((op) => op.runId));
}

function mayWrite(tables: Tables, op: RunOp, broken: Breakage): boolean {
  if (op.create !== undefined)
    return op.finish === undefined ? !tables.runs.has(op.runId) : !tables.history.has(op.runId);
  const run = tables.runs.get(op.runId);
  return run !== undefined && (run.version === op.expected || broken.versionGuard === true);
}

function refuseDuplicates(tables: Tables, op: RunOp): void {
  const lines = tables.journal.get(op.runId) ?? [];
  if (lines.some((line) => line.version === op.expected + 1))
    throw new DuplicateRow("journal", `${op.runId} ${op.expected + 1}`);
  for (const { slot, number } of op.ended) {
    const key = rowKey(op.runId, slot, number);
    if (tables.attempts.has(key)) throw new DuplicateRow("attempts", key);
  }
  for (const { slot, number } of op.dispatch) {
    const key = rowKey(op.runId, slot, number);
    if (tables.dispatch.has(key)) throw new DuplicateRow("dispatch", key);
  }
  for (const { slot, number } of op.timers) {
    const key = rowKey(op.runId, slot, number);
    if (tables.timers.has(key)) throw new DuplicateRow("timers", key);
  }
}

function write(tables: Tables, sessionId: string, op: RunOp, nowMs: number): void {
  const { runId } = op;
  moveRun(tables, op);
  journal(tables, op);
  for (const { slot, number, status, worker } of op.ended) {
    tables.attempts.set(rowKey(runId, slot, number), { status, session: worker });
    tables.dispatch.delete(rowKey(runId, slot, number));
  }
  for (const { slot, number } of op.firedTimers) tables.timers.delete(rowKey(runId, slot, number));
  for (const { slot, number } of op.stops) {
    const row = tables.dispatch.get(rowKey(runId, slot, number));
    if (row !== undefined) row.stop = true;
    tables.timers.delete(rowKey(runId, slot, number));
  }
  for (const { slot, number, state, runner, input, queue, key, priority, delayMs } of op.dispatch) {
    tables.dispatch.set(rowKey(runId, slot, number), {
      ...{ runId, slot, number, state, runner, input, queue, key, priority },
      dueAt: state === "delayed" ? nowMs + delayMs : null,
      session: state === "leased" ? sessionId : null,
      claimId: null,
      leasedAt: state === "leased" ? nowMs : null,
      stop: false,
    });
  }
  for (const { slot, number, delayMs } of op.timers)
    tables.timers.set(rowKey(runId, slot, number), { runId, slot, number, dueAt: nowMs + delayMs });
  if (op.finish !== undefined && op.create === undefined && op.keyed)
    tables.queueKeys = tables.queueKeys.filter((line) => line.runId !== runId);
}

function moveRun(tables: Tables, op: RunOp): void {
  const { runId, finish } = op;
  const birth = op.create ?? tables.runs.get(runId)?.birth;
  if (birth === undefined) throw new Error(`run ${runId} moves without being there (m3w1)`);
  const run = { birth, version: op.expected + 1, canceling: op.canceling };
  if (finish === undefined) {
    tables.runs.set(runId, run);
    return;
  }
  tables.runs.delete(runId);
  if (tables.history.has(runId)) throw new DuplicateRow("run_history", runId);
  tables.history.set(runId, { ...run, ...finish });
}

function journal(tables: Tables, op: RunOp): void {
  const line = {
    version: op.expected + 1,
    opId: op.opId,
    events: op.events,
    decisions: op.decisions,
  };
  const lines = tables.journal.get(op.runId);
  if (lines === undefined) tables.journal.set(op.runId, [line]);
  else lines.push(line);
}

function joinLines(tables: Tables, op: RunOp): void {
  for (const { queue, key } of op.dispatch) {
    if (queue === "" || key === null) continue;
    const stands = tables.queueKeys.some(
      (line) => line.queue === queue && line.key === key && line.runId === op.runId,
    );
    if (!stands) tables.queueKeys.push({ queue, key, runId: op.runId });
  }
}
