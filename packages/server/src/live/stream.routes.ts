import { changeSchema, streamQuerySchema } from "@yardmaster/protocol";
import type { Feed } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import { changeFilter } from "./change-filter.ts";
import { followFeed } from "./follow-feed.ts";
import { controlEvent } from "./server-sent-events.ts";

export interface StreamOptions {
  readonly heartbeatMs: number;
}

/** Under the idle limit of common proxies (60 s) by a good margin. */
export const STREAM_OPTIONS: StreamOptions = { heartbeatMs: 15_000 };

/** `/v1/stream`: the change feed, live. */
export function streamRoutes(feed: Feed, { heartbeatMs }: StreamOptions = STREAM_OPTIONS): Route[] {
  const stream: Route<{ query: typeof streamQuerySchema }> = {
    method: "GET",
    path: "/v1/stream",
    summary: "Changes as server-sent events, live, resumed by Last-Event-ID.",
    description: `Each event's id is a cursor; a client that comes back with it as Last-Event-ID (or ?after=) misses nothing. "ready" says that the stream stands, "gap" that the cursor was gone and the lists must be read anew, "cut" that it ends and with which cursor to come back.

A client that leaves what was sent unread for too long is cut, and so is one whose token is not valid any more.

Changes of events are told to tokens with events:read, those of nodes to tokens with nodes:read, all others to those with runs:read.`,
    scope: "runs:read",
    query: streamQuerySchema,
    responses: {
      200: { description: "Events", schema: changeSchema, contentType: "text/event-stream" },
    },
    async handler({ query, headers, principal }) {
      const wants = changeFilter(query, principal.scopes);
      const asked = headers["last-event-id"] ?? query.after;
      let cursor = typeof asked === "string" && asked !== "" ? asked : await feed.head();
      // Refuses what is no cursor while that can still be an answer with a status.
      await feed.read(cursor, 1);
      const onMove = (next: string): void => {
        cursor = next;
      };
      return {
        stream: {
          contentType: "text/event-stream; charset=utf-8",
          chunks: (signal) => followFeed(feed, { cursor, wants, heartbeatMs, signal, onMove }),
          lastWords: () => controlEvent("cut", cursor, "what was sent was not read in time"),
        },
      };
    },
  };
  return [stream];
}
