import type { DispatchRow, RunOp } from "../../src/engine/commit/run-op.types.ts";
import { mayBeBorn, moveChildren, rowOf } from "./children.ts";
import { moveInquiries } from "./inquiries.ts";
import { type DispatchLine, isLive, isPaused, Locked, rowKey, type Tables } from "./tables.ts";

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
  readonly rate?: boolean;
  readonly stopFlag?: boolean;
  readonly fifo?: boolean;
  readonly orphans?: boolean;
  /** A run is abandoned though somebody has canceled it in order, or though a run that is a step of it lives. */
  readonly note?: boolean;
  readonly leaf?: boolean;
  readonly lanePause?: boolean;
  /** What a machine could not begin counts as lost; and who could not begin it has it again at once. */
  readonly givenBack?: boolean;
  readonly rest?: boolean;
  /** What has no definition where it was claimed is not put back. */
  readonly handOver?: boolean;
  /** Questions stay open. */
  readonly inquiries?: boolean;
}

/** `writeRunOps` of flush.store.ts: the runs whose op was written. A row that exists already fails them all. */
export function writeOps(
  tables: Tables,
  sessionId: string,
  ops: readonly RunOp[],
  nowMs: number,
  snapshot: number,
  broken: Breakage = {},
): Set<string> {
  tables.commits++;
  const live = isLive(tables, sessionId, snapshot);
  const going = ops.filter(
    (op) => (live || broken.liveGuard === true) && mayWrite(tables, op, broken),
  );
  // Whole or not at all, as a statement is; two ops of one run would write the same line of its journal.
  if (new Set(going.map((op) => op.runId)).size < going.length)
    throw new DuplicateRow("journal", going.map((op) => op.runId).join(" "));
  for (const op of going) refuseDuplicates(tables, op);
  if (going.some((op) => meetsClaim(tables, op))) throw new Locked();
  for (const op of going) write(tables, sessionId, op, nowMs, snapshot, broken);
  // Positions are drawn in the order in which the ops were handed in.
  for (const op of going) joinLines(tables, op);
  return new Set(going.map((op) => op.runId));
}

function mayWrite(tables: Tables, op: RunOp, broken: Breakage): boolean {
  if (op.create !== undefined && op.isChild) return mayBeBorn(tables, op);
  if (op.create !== undefined)
    return op.finish === undefined ? !tables.runs.has(op.runId) : !tables.history.has(op.runId);
  const run = tables.runs.get(op.runId);
  return run !== undefined && (run.version === op.expected || broken.versionGuard === true);
}

/** It stops, deletes or pauses an attempt that is just being claimed, or draws a position in a lane that is just being served. */
function meetsClaim(tables: Tables, op: RunOp): boolean {
  const { runId } = op;
  return (
    [...op.ended, ...op.stops].some(
      (row) => tables.dispatch.get(rowKey(runId, row.slot, row.number))?.locked,
    ) ||
    (op.turnsPause && waitingOf(tables, runId).some(({ locked }) => locked)) ||
    op.dispatch.some(({ queue, key }) => key !== null && tables.lockedLanes.has(queue))
  );
}

function refuseDuplicates(tables: Tables, op: RunOp): void {
  if (op.finish !== undefined && tables.history.has(op.runId))
    throw new DuplicateRow("run_history", op.runId);
  const lines = tables.journal.get(op.runId) ?? [];
  if (lines.some((line) => line.version === op.expected + 1))
    throw new DuplicateRow("journal", `${op.runId} ${op.expected + 1}`);
  for (const { slot, number, state } of op.dispatch) {
    const key = rowKey(op.runId, slot, number);
    if (state === "instant") continue;
    if (tables.dispatch.has(key) || tables.leases.has(key)) throw new DuplicateRow("dispatch", key);
  }
  for (const { slot, number, childId } of op.children) {
    if (tables.children.has(childId) || rowOf(tables, op.runId, slot, number) !== undefined)
      throw new DuplicateRow("children", childId);
  }
  for (const { slot, number } of op.inquiries) {
    const key = rowKey(op.runId, slot, number);
    if (tables.inquiries.has(key)) throw new DuplicateRow("inquiries", key);
  }
  for (const { slot, number } of op.timers) {
    const key = rowKey(op.runId, slot, number);
    if (tables.timers.has(key)) throw new DuplicateRow("timers", key);
  }
}

function write(
  tables: Tables,
  sessionId: string,
  op: RunOp,
  nowMs: number,
  snapshot: number,
  broken: Breakage,
): void {
  const { runId } = op;
  moveRun(tables, sessionId, op, broken);
  journal(tables, op);
  moveChildren(tables, op, nowMs);
  moveInquiries(tables, op, broken);
  for (const { slot, number, status, place: from } of op.ended) {
    const key = rowKey(runId, slot, number);
    tables.attempts.add(key);
    // A lease that was taken after the statement began is not there for it.
    if (from === "leases" && (tables.leases.get(key)?.since ?? 0) <= snapshot)
      tables.leases.delete(key);
    if (from === "dispatch" || status === "canceled") tables.dispatch.delete(key);
  }
  for (const { slot, number } of [...op.firedTimers, ...op.stops])
    tables.timers.delete(rowKey(runId, slot, number));
  if (op.turnsPause) turnPause(tables, runId);
  for (const row of op.dispatch) place(tables, sessionId, runId, row, nowMs);
  for (const { slot, number, delayMs } of op.timers)
    tables.timers.set(rowKey(runId, slot, number), { runId, slot, number, dueAt: nowMs + delayMs });
  if (op.finish !== undefined && op.create === undefined && op.keyed)
    tables.queueKeys = tables.queueKeys.filter((line) => line.runId !== runId);
}

function turnPause(tables: Tables, runId: string): void {
  for (const row of waitingOf(tables, runId))
    if (row.state !== "delayed") row.state = isPaused(tables, runId) ? "paused" : "ready";
}

function waitingOf(tables: Tables, runId: string): DispatchLine[] {
  return [...tables.dispatch.values()].filter((row) => row.runId === runId);
}

function place(
  tables: Tables,
  session: string,
  runId: string,
  row: DispatchRow,
  nowMs: number,
): void {
  const { slot, number, state, runner, ref, input, queue, key, priority, delayMs } = row;
  const at = rowKey(runId, slot, number);
  if (state === "instant") return;
  if (state === "leased") {
    const lease = { runId, slot, number, session, leasedAt: nowMs, queue: "", key: null };
    tables.leases.set(at, { ...lease, claimId: null, input: null, since: tables.commits });
    return;
  }
  const dueAt = state === "delayed" ? nowMs + delayMs : null;
  const waiting = { runId, slot, number, runner, ref, input, queue, key, priority };
  tables.dispatch.set(at, { ...waiting, state, dueAt, locked: false });
}

function moveRun(tables: Tables, sessionId: string, op: RunOp, broken: Breakage): void {
  const { runId, finish } = op;
  const before = tables.runs.get(runId);
  const birth = op.create ?? before?.birth;
  if (birth === undefined) throw new Error(`run ${runId} moves without being there (m3w1)`);
  const instantBy =
    op.instant === null ? (before?.instantBy ?? null) : op.instant ? sessionId : null;
  const run = {
    birth,
    version: op.expected + 1,
    canceling: op.canceling,
    pausedBy: op.pausedBy,
    asked: op.canceling && broken.note !== true ? null : (before?.asked ?? null),
    instantBy,
  };
  if (finish === undefined) {
    tables.runs.set(runId, run);
    return;
  }
  tables.runs.delete(runId);
  tables.history.set(runId, { ...run, ...finish, instantBy: null });
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
    if (!op.keyed || queue === "" || key === null) continue;
    const stands = tables.queueKeys.some(
      (line) => line.queue === queue && line.key === key && line.runId === op.runId,
    );
    if (!stands) tables.queueKeys.push({ queue, key, runId: op.runId });
  }
}
