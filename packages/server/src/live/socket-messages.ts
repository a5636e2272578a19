import type { FeedNews } from "./follow-feed.ts";

/** News as messages of a WebSocket: one for each change, and for what the stream says of itself. */
export function socketMessages(news: FeedNews): string[] {
  if (news.kind === "changes")
    return news.items.map(({ cursor, at, change }) => JSON.stringify({ ...change, at, cursor }));
  const { kind: type, ...rest } = news;
  return [JSON.stringify({ type, ...rest })];
}
