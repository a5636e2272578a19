import type { FeedItem } from "../engine/index.ts";

/** A change of the feed as one server-sent event; its id is the cursor to go on from. */
export function changeEvent({ cursor, at, change }: FeedItem): string {
  return frame({ id: cursor, event: change.type, data: { ...change, at } });
}

export type ControlEvent = "ready" | "gap" | "cut";

/** What the stream says of itself. All name the cursor to go on from. */
export function controlEvent(event: ControlEvent, cursor: string, reason?: string): string {
  return frame({ id: cursor, event, data: { cursor, ...(reason !== undefined && { reason }) } });
}

/** Keeps the connection open and moves the client's last id on, without an event. */
export function heartbeat(cursor: string): string {
  return `: alive\nid: ${cursor}\n\n`;
}

/** JSON has no line breaks of its own, so `data` is one line; type names are the engine's and have none either. */
function frame({ id, event, data }: { id: string; event: string; data: object }): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
