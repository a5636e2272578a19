import type { AttemptPlace } from "@yardmaster/kernel";
import type { Column, Table } from "../../db/index.ts";
import type {
  DispatchRow,
  NewChild,
  NewInquiry,
  RunBirth,
  RunOp,
  SettledInquiry,
} from "./run-op.types.ts";

/** A row with the run that it belongs to. */
export interface Of<Row> {
  readonly runId: string;
  readonly row: Row;
}

const RUN_ID: Column<Of<unknown>> = { name: "run_id", type: "uuid", read: ({ runId }) => runId };
const SLOT: readonly Column<Of<AttemptPlace>>[] = [
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

export const SLOTS: Table<Of<AttemptPlace>> = { name: "s", columns: SLOT };

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

export const TIMERS: Table<Of<AttemptPlace & { readonly delayMs: number }>> = {
  name: "t",
  columns: [...SLOT, { name: "delay_ms", type: "float8", read: ({ row }) => row.delayMs }],
};

export const INQUIRIES: Table<Of<NewInquiry>> = {
  name: "i",
  columns: [
    ...SLOT,
    { name: "id", type: "uuid", read: ({ row }) => row.id },
    { name: "question", type: "text", read: ({ row }) => row.question },
    { name: "assigned_to", type: "text", read: ({ row }) => row.assignedTo },
    { name: "asked_at", type: "timestamptz", read: ({ row }) => row.askedAt.toISOString() },
    { name: "timeout_ms", type: "float8", read: ({ row }) => row.timeoutMs },
  ],
};

export const SETTLED_INQUIRIES: Table<Of<SettledInquiry>> = {
  name: "n",
  columns: [
    ...SLOT,
    { name: "status", type: "text", read: ({ row }) => row.status },
    { name: "ended_at", type: "timestamptz", read: ({ row }) => row.endedAt.toISOString() },
    { name: "answer", type: "text", read: ({ row }) => row.answer },
    { name: "answered_by", type: "text", read: ({ row }) => row.answeredBy },
  ],
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
