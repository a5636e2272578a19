import type { Json } from "@yardmaster/protocol";
import type { FeedItem } from "../../engine/index.ts";
import { type EventRecord, receivedAt, traceOf } from "../../events/index.ts";
import { OWN_SOURCE } from "./run-finished.ts";

/** A change of a node as an event: its subject is the node's name, its origin its place in the feed. */
export function nodeChangedEvent(
  { cursor, at, change }: FeedItem,
  made: { readonly id: string; readonly type: string },
): EventRecord {
  const { type: _, id: node_id, ...fields } = change;
  return {
    id: made.id,
    type: made.type,
    source: OWN_SOURCE,
    subject: String(fields["node"] ?? node_id),
    time: at,
    receivedAt: receivedAt(made.id),
    deliveryId: null,
    originId: cursor,
    dataschema: null,
    traceparent: traceOf(made.id, undefined),
    extensions: null,
    depth: 1,
    causedBy: null,
    data: { node_id, ...fields } as Json,
  };
}
