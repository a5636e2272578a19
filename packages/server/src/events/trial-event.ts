import type { Json } from "@yardmaster/protocol";
import { checkOwnCloudEvent } from "./cloud-event.ts";
import { type EventRecord, traceOf } from "./event.ts";

/** The id of an event that is not stored. */
const NO_ID = "00000000-0000-7000-8000-000000000000";

/**
 * A CloudEvent as the record that it would be were it posted at `at` (RFC 3339), for trying rules on it; also one
 * of our own types. @throws AppError `invalid_request` with every wrong place
 */
export function trialEvent(value: Json, at: string): EventRecord {
  const event = checkOwnCloudEvent(value, "/event");
  return {
    id: NO_ID,
    type: event.type,
    source: event.source ?? "api",
    subject: event.subject ?? null,
    time: event.time === undefined ? at : new Date(event.time).toISOString(),
    receivedAt: at,
    deliveryId: null,
    originId: event.id ?? null,
    dataschema: event.dataschema ?? null,
    traceparent: traceOf(NO_ID, event.traceparent),
    extensions: event.extensions,
    depth: 0,
    causedBy: null,
    data: event.data,
  };
}
