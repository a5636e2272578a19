import { changeSchema, streamQuerySchema } from "@yardmaster/protocol";
import type { Feed } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import { openFeed } from "./open-feed.ts";
import { serverSentEvents } from "./server-sent-events.ts";
import { socketRoute } from "./socket.routes.ts";

export interface StreamOptions {
  readonly heartbeatMs: number;
}

/** Under the idle limit of common proxies (60 s) by a good margin. */
export const STREAM_OPTIONS: StreamOptions = { heartbeatMs: 15_000 };

/** `/v1/stream` and `/ws`: the change feed, live. */
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
      const lastEventId = headers["last-event-id"];
      const asked = { query, lastEventId, scopes: principal.scopes };
      const { news, lastNews } = await openFeed(feed, asked, heartbeatMs);
      return {
        stream: {
          contentType: "text/event-stream; charset=utf-8",
          chunks: (signal) => mapped(news(signal), serverSentEvents),
          lastWords: () => serverSentEvents(lastNews()),
        },
      };
    },
  };
  return [stream, socketRoute(feed, heartbeatMs)];
}

async function* mapped<A, B>(items: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of items) yield map(item);
}
