import { plainArray, textArray } from "./array-literal.ts";
import type { DispatchRow, NewChild, RunBirth, RunOp, SlotNumber } from "./run-op.types.ts";

/** A row with the run that it belongs to. */
export interface Of<Row> {
  readonly runId: string;
  readonly row: Row;
}

interface Column<Row> {
  readonly name: string;
  readonly type: string;
  readonly read: (row: Row) => string | number | boolean | null;
}

/** Rows that a flush hands to its statement: one as plain values, more as an array for each column. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
}

/** Gives the next parameter of the statement. */
export type Parameter = () => string;

/**
 * The rows as an item of FROM. A single row is a SELECT of values, which the planner folds into what reads it: half
 * the cost of an array for the one advance of a system with one workflow in flight.
 */
export function fromTable<Row>(
  { name, columns }: Table<Row>,
  isSingle: boolean,
  $: Parameter,
): string {
  if (isSingle) {
    return `(SELECT ${columns.map((column) => `${$()}::${column.type} AS ${column.name}`).join(", ")}) AS ${name}`;
  }
  const arrays = columns.map((column) => `${$()}::${column.type}[]`).join(", ");
  return `unnest(${arrays}) AS ${name}(${columns.map((column) => column.name).join(", ")})`;
}

/** Of a parameter: text, or bytes in PostgreSQL's binary format. */
export type FlushValue = string | Buffer | null;

/** The rows as values of the parameters of `fromTable`, in their order. */
export function tableValues<Row>({ columns }: Table<Row>, rows: readonly Row[]): FlushValue[] {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) {
    return columns.map(({ read }) => {
      const value = read(only);
      return value === null ? null : String(value);
    });
  }
  return columns.map(({ type, read }) =>
    type === "text" ? textArray(rows, read) : plainArray(rows, read),
  );
}

const RUN_ID: Column<Of<unknown>> = { name: "run_id", type: "uuid", read: ({ runId }) => runId };
const SLOT: readonly Column<Of<SlotNumber>>[] = [
  RUN_ID,
  { name: "slot", type: "text", read: ({ row }) => row.slot },
  { name: "number", type: "int", read: ({ row }) => row.number },
];

export const OPS: Table<RunOp> = {
  name: "given",
  columns: [
    { name: "run_id", type: "uuid", read: (op) => op.runId },
    { name: "expected", type: "int", read: (op) => op.expected },
    { name: "op_id", type: "uuid", read: (op) => op.opId },
    { name: "canceling", type: "bool", read: (op) => op.canceling },
    { name: "paused_by", type: "text", read: (op) => op.pausedBy },
    { name: "instant", type: "bool", read: (op) => op.instant },
    { name: "events", type: "text", read: (op) => op.events },
    { name: "decisions", type: "text", read: (op) => op.decisions },
    { name: "changes", type: "text", read: (op) => op.changes },
    { name: "status", type: "final_status", read: (op) => op.finish?.status ?? null },
    { name: "output", type: "text", read: (op) => op.finish?.output ?? null },
    { name: "outputs", type: "text", read: (op) => op.finish?.outputs ?? null },
    { name: "error", type: "text", read: (op) => op.finish?.error ?? null },
    { name: "at", type: "timestamptz", read: (op) => op.at.toISOString() },
  ],
};

export const BIRTHS: Table<Of<RunBirth>> = {
  name: "b",
  columns: [
    RUN_ID,
    { name: "ref", type: "text", read: ({ row }) => row.ref },
    { name: "pack_digest", type: "text", read: ({ row }) => row.packDigest },
    { name: "input", type: "text", read: ({ row }) => row.input },
    { name: "created_at", type: "timestamptz", read: ({ row }) => row.createdAt.toISOString() },
    { name: "created_by", type: "text", read: ({ row }) => row.createdBy },
    { name: "event_id", type: "uuid", read: ({ row }) => row.eventId },
    { name: "rule", type: "text", read: ({ row }) => row.rule },
    { name: "retry_of", type: "uuid", read: ({ row }) => row.retryOf },
    { name: "traceparent", type: "text", read: ({ row }) => row.traceparent },
    { name: "parent_id", type: "uuid", read: ({ row }) => row.parent?.runId ?? null },
    { name: "parent_slot", type: "text", read: ({ row }) => row.parent?.slot ?? null },
    { name: "parent_number", type: "int", read: ({ row }) => row.parent?.number ?? null },
  ],
};

export const CHILDREN: Table<Of<NewChild>> = {
  name: "c",
  columns: [
    ...SLOT,
    { name: "child_id", type: "uuid", read: ({ row }) => row.childId },
    { name: "ref", type: "text", read: ({ row }) => row.ref },
    { name: "input", type: "text", read: ({ row }) => row.input },
  ],
};

export const SLOTS: Table<Of<SlotNumber>> = { name: "s", columns: SLOT };

export const DISPATCH: Table<Of<DispatchRow>> = {
  name: "d",
  columns: [
    ...SLOT,
    { name: "state", type: "text", read: ({ row }) => row.state },
    { name: "runner", type: "text", read: ({ row }) => row.runner },
    { name: "ref", type: "text", read: ({ row }) => row.ref },
    { name: "input", type: "text", read: ({ row }) => row.input },
    { name: "queue", type: "text", read: ({ row }) => row.queue },
    { name: "key", type: "text", read: ({ row }) => row.key },
    { name: "priority", type: "int", read: ({ row }) => row.priority },
    { name: "delay_ms", type: "float8", read: ({ row }) => row.delayMs },
  ],
};

export const TIMERS: Table<Of<SlotNumber & { readonly delayMs: number }>> = {
  name: "t",
  columns: [...SLOT, { name: "delay_ms", type: "float8", read: ({ row }) => row.delayMs }],
};

/** In the order of their places: `nth` counts them. */
export const LINES: Table<Of<DispatchRow & { readonly nth: number }>> = {
  name: "k",
  columns: [
    RUN_ID,
    { name: "queue", type: "text", read: ({ row }) => row.queue },
    { name: "key", type: "text", read: ({ row }) => row.key },
    { name: "nth", type: "int", read: ({ row }) => row.nth },
  ],
};

export const RUN_IDS: Table<Of<null>> = { name: "gone", columns: [RUN_ID] };
