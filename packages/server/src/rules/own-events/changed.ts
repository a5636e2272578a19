import type { Json } from "@yardmaster/protocol";
import type { Change, FeedItem } from "../../engine/index.ts";
import { type EventRecord, receivedAt, traceOf } from "../../events/index.ts";
import { OWN_SOURCE } from "./run-finished.ts";

/**
 * What stays of the place in the feed where a database is moved: a change that was told is read again there, under
 * another epoch and transaction number.
 */
export function originOf({ cursor }: FeedItem): string {
  return cursor.split(".").slice(2).join(".");
}

/** A change of a node, a sensor or a work item as an event: its subject is the name of what has changed. */
export function changedEvent(
  item: FeedItem,
  made: { readonly id: string; readonly type: string },
): EventRecord {
  const { at, change } = item;
  return {
    id: made.id,
    type: made.type,
    source: OWN_SOURCE,
    subject: String(change["sensor"] ?? change["node"] ?? change["work"] ?? change.id),
    time: at,
    receivedAt: receivedAt(made.id),
    deliveryId: null,
    originId: originOf(item),
    dataschema: null,
    traceparent: traceOf(made.id, undefined),
    extensions: null,
    depth: 1,
    causedBy: null,
    data: dataOf(change),
  };
}

/** A sensor is known by its ref alone. */
function dataOf({ type: _, id, ...fields }: Change): Json {
  if (fields["work"] !== undefined) return { id, ...fields } as Json;
  return (fields["sensor"] === undefined ? { node_id: id, ...fields } : fields) as Json;
}
