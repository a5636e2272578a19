import { type Json, type JsonObject, momentOf, type YardEvent } from "@yardmaster/protocol";
import { traceOfId } from "../engine/index.ts";

/** An immutable fact in CloudEvents terms. `id` is ours (UUIDv7); `originId` the sender's. */
export interface EventRecord {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | null;
  /** When it happened; RFC 3339 in UTC with milliseconds, as `receivedAt` is. */
  readonly time: string;
  readonly receivedAt: string;
  readonly deliveryId: string | null;
  readonly originId: string | null;
  readonly dataschema: string | null;
  readonly traceparent: string;
  /** CloudEvents extension attributes. */
  readonly extensions: JsonObject | null;
  /** Runs between it and what came from outside: 0 for what did. */
  readonly depth: number;
  /** Of an event of our own: the event that started the run it tells of. */
  readonly causedBy: string | null;
  readonly data: Json;
}

export type EventView = YardEvent & {
  readonly origin_id: string | null;
  readonly dataschema: string | null;
  readonly extensions: JsonObject | null;
  readonly depth: number;
  readonly caused_by: string | null;
};

/** The event as the API shows it. */
export function eventView(event: EventRecord): EventView {
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: event.time,
    received_at: event.receivedAt,
    delivery_id: event.deliveryId,
    origin_id: event.originId,
    dataschema: event.dataschema,
    traceparent: event.traceparent,
    extensions: event.extensions,
    depth: event.depth,
    caused_by: event.causedBy,
    data: event.data,
  };
}

/** The event as the expressions of rules see it: where it has no extensions, none of them is there. */
export function eventSeen(event: EventRecord): EventView {
  return { ...eventView(event), extensions: event.extensions ?? {} };
}

/** Of an event or a delivery: the moment of its id (UUIDv7), since lists look for times in ids. RFC 3339. */
export function receivedAt(id: string): string {
  return new Date(momentOf(id)).toISOString();
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The sender's trace where it gave a valid one (W3C), else a new one made from the event's id. */
export function traceOf(eventId: string, given: string | undefined): string {
  if (given !== undefined && TRACEPARENT.test(given)) return given;
  return traceOfId(eventId);
}
