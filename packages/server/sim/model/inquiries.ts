import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import { rowKey, type Tables } from "./tables.ts";

/** The questions that an op opens, and those that are over with it. */
export function moveInquiries(
  tables: Tables,
  { runId, inquiries, settledInquiries }: RunOp,
  broken: { readonly inquiries?: boolean },
): void {
  for (const { id, slot, number, question, assignedTo, timeoutMs } of inquiries) {
    const row = { id, runId, slot, number, isTimed: timeoutMs !== null, question, assignedTo };
    tables.inquiries.set(rowKey(runId, slot, number), {
      ...{ ...row, status: "open", answer: null, answeredBy: null },
    });
  }
  if (broken.inquiries === true) return;
  for (const { slot, number, status, answer, answeredBy } of settledInquiries) {
    const row = tables.inquiries.get(rowKey(runId, slot, number));
    if (row?.status === "open") Object.assign(row, { status, answer, answeredBy });
  }
}
