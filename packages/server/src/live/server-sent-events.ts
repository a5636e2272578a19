import type { FeedItem } from "../engine/index.ts";
import type { FeedNews } from "./follow-feed.ts";

/** News as server-sent events; the id of each is the cursor to go on from. */
export function serverSentEvents(news: FeedNews): string {
  switch (news.kind) {
    case "changes":
      return news.items.map(changeEvent).join("");
    case "alive":
      // Keeps the connection open and moves the client's last id on, without an event.
      return `: alive\nid: ${news.cursor}\n\n`;
    default: {
      const { kind, ...data } = news;
      return frame({ id: news.cursor, event: kind, data });
    }
  }
}

function changeEvent({ cursor, at, change }: FeedItem): string {
  return frame({ id: cursor, event: change.type, data: { ...change, at } });
}

/** JSON has no line breaks of its own, so `data` is one line; type names are the engine's and have none either. */
function frame({ id, event, data }: { id: string; event: string; data: object }): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
