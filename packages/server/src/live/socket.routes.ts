import { STREAM_CLOSE, socketMessageSchema, socketQuerySchema } from "@yardmaster/protocol";
import type { Feed } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import type { FeedNews } from "./follow-feed.ts";
import { openFeed } from "./open-feed.ts";
import { socketMessages } from "./socket-messages.ts";

/** `/ws`: what `/v1/stream` tells, as a WebSocket. */
export function socketRoute(
  feed: Feed,
  heartbeatMs: number,
): Route<{ query: typeof socketQuerySchema }> {
  return {
    method: "GET",
    path: "/ws",
    summary: "The changes of /v1/stream over a WebSocket, resumed by ?last_event_id=.",
    description: `Each message is JSON: a change with its "cursor" beside its own fields, or one of "ready", "gap", "cut" as in /v1/stream, or "alive" when nothing has happened for a while. A client that comes back with the last cursor misses nothing. The token goes in the header Authorization or, from a browser, which cannot send that, in a subprotocol "bearer.<token>" that is offered beside one of another name, such as "yard", which is the one that is answered; what a client sends is not read.

Closed with ${STREAM_CLOSE.stopping} when the server stops, ${STREAM_CLOSE.again} when the database is out of reach, ${STREAM_CLOSE.unauthorized} when the token is not valid any more (${STREAM_CLOSE.forbidden}: it lost its scope), ${STREAM_CLOSE.not_read} when what was sent was not read in time.

Changes of events are told to tokens with events:read, those of nodes to tokens with nodes:read, all others to those with runs:read.`,
    scope: "runs:read",
    query: socketQuerySchema,
    isSocket: true,
    responses: { 101: { description: "Messages", schema: socketMessageSchema } },
    async handler({ query, headers, principal }) {
      const lastEventId = query.last_event_id ?? headers["last-event-id"];
      const asked = { query, lastEventId, scopes: principal.scopes };
      const { news, lastNews } = await openFeed(feed, asked, heartbeatMs);
      return {
        socket: {
          messages: (signal) => messagesOf(news(signal)),
          lastWords: () => socketMessages(lastNews()).join(),
        },
      };
    },
  };
}

async function* messagesOf(news: AsyncIterable<FeedNews>): AsyncGenerator<string> {
  for await (const each of news) yield* socketMessages(each);
}
