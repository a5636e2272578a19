import type { Inquiry, Json } from "@yardmaster/protocol";
import {
  type FeedItem,
  type RunRecord,
  spanOfId,
  traceFrom,
  traceOfId,
} from "../../engine/index.ts";
import { type EventRecord, receivedAt, traceOf } from "../../events/index.ts";
import { OWN_SOURCE } from "./run-finished.ts";

/** Whether a type is that of an event about a question. */
export function isOfInquiry(type: string | undefined): boolean {
  return type?.startsWith("yard.inquiry.") === true;
}

/** A question that was opened, answered or ran out of time, as an event: its subject and its origin are its id. */
export function inquiryEvent(
  inquiry: Inquiry,
  { at }: FeedItem,
  made: {
    readonly id: string;
    readonly type: string;
    readonly depth: number;
    readonly causedBy: string | null;
    readonly run: RunRecord | undefined;
  },
): EventRecord {
  const { id, type, depth, causedBy, run } = made;
  return {
    ...{ id, type, depth, causedBy },
    source: OWN_SOURCE,
    subject: inquiry.id,
    time: (type.endsWith(".opened") ? inquiry.asked_at : inquiry.ended_at) ?? at,
    receivedAt: receivedAt(id),
    deliveryId: null,
    originId: inquiry.id,
    dataschema: null,
    traceparent:
      run === undefined
        ? traceOf(id, undefined)
        : traceFrom(run.traceparent ?? traceOfId(run.id), spanOfId(run.id)),
    extensions: null,
    data: dataOf(inquiry, type),
  };
}

/** As it was then: who hears late that it was opened is not told how it ended. */
function dataOf(inquiry: Inquiry, type: string): Json {
  const { id, run_id, ref, step, index, attempt, about, title, prompt, schema } = inquiry;
  const { default: fallback, assigned_to, asked_at, expires_at } = inquiry;
  return {
    ...{ inquiry: id, run: run_id, ref, step, index, attempt, about, title, prompt, schema },
    ...(fallback === undefined ? {} : { default: fallback }),
    ...{ assigned_to, asked_at, expires_at },
    ...(type.endsWith(".answered")
      ? { answer: inquiry.answer, answered_by: inquiry.answered_by }
      : {}),
  };
}
