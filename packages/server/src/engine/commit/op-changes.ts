import { parseSlotKey } from "@yardmaster/kernel";
import type { ChangeType } from "@yardmaster/protocol";
import { type Decided, isTaken, type OpFrame, type RunOp } from "./run-op.types.ts";

type Told = Pick<RunOp, "dispatch" | "inquiries" | "settledInquiries"> & {
  readonly finish: RunOp["finish"];
};

/**
 * The op's items for the change feed, as JSON texts with commas between. Put together by hand, as they are written
 * with every advance: ids, slots and statuses hold nothing that JSON would escape, all else goes through it.
 */
export function changesOf(
  { runId, create }: OpFrame,
  { events, carried, goesOn }: Decided,
  { dispatch, inquiries, settledInquiries, finish }: Told,
): string {
  const items: string[] = [];
  const add = (type: ChangeType, rest: string): void => {
    items.push(`{"type":"${type}","id":"${runId}"${rest}}`);
  };
  if (create !== undefined) add("run.created", `,"ref":${JSON.stringify(create.ref)}`);
  if (carried?.type === "dispatch")
    add("attempt.started", `,"step":"${carried.slot}","attempt":${carried.number}`);
  for (const event of events) {
    if (event.type === "attempt_ended") {
      add(
        "attempt.ended",
        `,"step":"${event.slot}","attempt":${event.number},"status":"${event.status}"`,
      );
    } else if (event.type === "timer_due" && !parseSlotKey(event.slot).isTime)
      add("timer.due", `,"step":"${event.slot}"`);
    else if (event.type === "child_ended")
      add("child.ended", `,"step":"${event.slot}","run":"${event.run}","status":"${event.status}"`);
    else if (event.type === "cancel_requested") {
      add("run.canceling", `,"by":${JSON.stringify(event.by)}`);
      if (goesOn) add("run.resumed", `,"by":${JSON.stringify(event.by)}`);
    } else if (event.type === "timer_due" || event.type === "inquiry_answered") continue;
    else if (event.type === "abandoned") add("run.canceling", `,"by":${JSON.stringify(event.by)}`);
    else add(`run.${event.type}`, `,"by":${JSON.stringify(event.by)}`);
  }
  for (const row of dispatch) {
    const type = isTaken(row) ? "attempt.started" : "attempt.queued";
    add(type, `,"step":"${row.slot}","attempt":${row.number}`);
  }
  // An id of its own: who may read inquiries need not see runs.
  for (const { id, slot } of inquiries)
    items.push(`{"type":"inquiry.opened","id":"${id}","run_id":"${runId}","step":"${slot}"}`);
  for (const { id, slot, status, answeredBy } of settledInquiries) {
    const by = answeredBy === null ? "" : `,"by":${JSON.stringify(answeredBy)}`;
    items.push(
      `{"type":"inquiry.${status}","id":"${id}","run_id":"${runId}","step":"${slot}"${by}}`,
    );
  }
  if (finish !== undefined) add("run.finished", `,"status":"${finish.status}"`);
  return items.join(",");
}
