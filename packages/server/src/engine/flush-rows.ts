import { plainArray, textArray, timeArray } from "./array-literal.ts";
import type { DispatchRow, EndedAttempt, RunBirth, RunOp, SlotNumber } from "./run-op.ts";

/** Rows of one kind from all ops of a flush, each with its run. */
interface Gathered<Row> {
  readonly runIds: string[];
  readonly rows: Row[];
}

/** Everything a flush writes, gathered by kind. */
export interface FlushRows {
  readonly ops: readonly RunOp[];
  readonly births: Gathered<RunBirth>;
  readonly ended: Gathered<EndedAttempt>;
  readonly fired: Gathered<SlotNumber>;
  /** Attempts that this process takes as they are inserted. */
  readonly leased: Gathered<DispatchRow>;
  /** Attempts that wait. */
  readonly dispatch: Gathered<DispatchRow>;
  readonly timers: Gathered<SlotNumber & { readonly delayMs: number }>;
  readonly stops: Gathered<SlotNumber>;
  /** Runs that enter the line before a key, in the order in which the ops were handed in. */
  readonly lines: Gathered<DispatchRow>;
  /** Runs that end, and may stand in lines. */
  readonly leaving: readonly string[];
}

/** `ops` in the order in which they were handed in; they are written in the order of their runs. */
export function gather(ops: readonly RunOp[]): FlushRows {
  const sorted = [...ops].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  const rows: FlushRows & { leaving: string[] } = {
    ops: sorted,
    births: { runIds: [], rows: [] },
    ended: { runIds: [], rows: [] },
    fired: { runIds: [], rows: [] },
    leased: { runIds: [], rows: [] },
    dispatch: { runIds: [], rows: [] },
    timers: { runIds: [], rows: [] },
    stops: { runIds: [], rows: [] },
    lines: { runIds: [], rows: [] },
    leaving: [],
  };
  for (const op of sorted) {
    if (op.create !== undefined) add(rows.births, op.runId, [op.create]);
    add(rows.ended, op.runId, op.ended);
    add(rows.fired, op.runId, op.firedTimers);
    for (const row of op.dispatch)
      add(row.state === "leased" ? rows.leased : rows.dispatch, op.runId, [row]);
    add(rows.timers, op.runId, op.timers);
    add(rows.stops, op.runId, op.stops);
    if (op.keyed && op.finish !== undefined && op.create === undefined) rows.leaving.push(op.runId);
  }
  for (const op of ops) {
    if (op.keyed)
      add(
        rows.lines,
        op.runId,
        op.dispatch.filter((row) => row.queue !== "" && row.key !== null),
      );
  }
  return rows;
}

function add<Row>(to: Gathered<Row>, runId: string, rows: readonly Row[]): void {
  for (const row of rows) {
    to.runIds.push(runId);
    to.rows.push(row);
  }
}

export function opValues({ ops }: FlushRows): string[] {
  return [
    plainArray(ops, (op) => op.runId),
    plainArray(ops, (op) => op.expected),
    plainArray(ops, (op) => op.opId),
    plainArray(ops, (op) => op.canceling),
    textArray(ops, (op) => op.events),
    textArray(ops, (op) => op.decisions),
    textArray(ops, (op) => op.changes),
    plainArray(ops, (op) => op.finish?.status ?? null),
    textArray(ops, (op) => op.finish?.output ?? null),
    textArray(ops, (op) => op.finish?.error ?? null),
    timeArray(ops, (op) => op.at),
  ];
}

export function birthValues({ births: { runIds, rows } }: FlushRows): string[] {
  return [
    plainArray(runIds, same),
    textArray(rows, (birth) => birth.ref),
    plainArray(rows, (birth) => birth.packDigest),
    textArray(rows, (birth) => birth.input),
    timeArray(rows, (birth) => birth.createdAt),
    textArray(rows, (birth) => birth.createdBy),
    plainArray(rows, (birth) => birth.eventId),
    textArray(rows, (birth) => birth.rule),
    textArray(rows, (birth) => birth.traceparent),
  ];
}

export function endedValues({ ended: { runIds, rows } }: FlushRows): string[] {
  return [
    ...slotValues({ runIds, rows }),
    plainArray(rows, (row) => row.status),
    timeArray(rows, (row) => row.startedAt),
    plainArray(rows, (row) => row.errorCode),
    plainArray(rows, (row) => row.worker),
  ];
}

export function slotValues({ runIds, rows }: Gathered<SlotNumber>): string[] {
  return [
    plainArray(runIds, same),
    textArray(rows, (row) => row.slot),
    plainArray(rows, (row) => row.number),
  ];
}

export function dispatchValues({ dispatch: { runIds, rows } }: FlushRows): string[] {
  return [
    ...slotValues({ runIds, rows }),
    plainArray(rows, (row) => row.state),
    plainArray(rows, (row) => row.runner),
    textArray(rows, (row) => row.ref),
    textArray(rows, (row) => row.input),
    textArray(rows, (row) => row.queue),
    textArray(rows, (row) => row.key),
    plainArray(rows, (row) => row.priority),
    plainArray(rows, (row) => row.delayMs),
  ];
}

export function timerValues({ timers: { runIds, rows } }: FlushRows): string[] {
  return [...slotValues({ runIds, rows }), plainArray(rows, (row) => row.delayMs)];
}

export function lineValues({ lines: { runIds, rows } }: FlushRows): string[] {
  return [
    plainArray(runIds, same),
    textArray(rows, (row) => row.queue),
    textArray(rows, (row) => row.key),
  ];
}

const same = (value: string): string => value;
