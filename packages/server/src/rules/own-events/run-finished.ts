import type { Json } from "@yardmaster/protocol";
import { type RunRecord, spanOfId, traceFrom, traceOfId } from "../../engine/index.ts";
import { type EventRecord, receivedAt } from "../../events/index.ts";

export const RUN_FINISHED = "yard.run.finished";
/** CloudEvents `source` of everything that Yardmaster tells of itself. */
export const OWN_SOURCE = "yard";

/** A finished run as an event: its subject and its origin id are the run's id, and in the trace it comes of the run. */
export function runFinishedEvent(
  run: RunRecord,
  made: {
    readonly id: string;
    readonly depth: number;
    readonly causedBy: string | null;
  },
): EventRecord {
  const finishedAt = run.finished_at ?? receivedAt(made.id);
  return {
    id: made.id,
    type: RUN_FINISHED,
    source: OWN_SOURCE,
    subject: run.id,
    time: finishedAt,
    receivedAt: receivedAt(made.id),
    deliveryId: null,
    originId: run.id,
    dataschema: null,
    traceparent: traceFrom(run.traceparent ?? traceOfId(run.id), spanOfId(run.id)),
    extensions: null,
    depth: made.depth,
    causedBy: made.causedBy,
    data: dataOf(run, finishedAt),
  };
}

function dataOf(run: RunRecord, finishedAt: string): Json {
  return {
    run: run.id,
    ref: run.ref,
    status: run.status,
    output: run.output,
    error: run.error === null ? null : ({ ...run.error } as unknown as Json),
    created_by: run.created_by,
    rule: run.rule,
    event_id: run.event_id,
    retry_of: run.retry_of,
    parent_id: run.parent_id,
    duration_ms: Date.parse(finishedAt) - Date.parse(run.created_at),
  };
}
