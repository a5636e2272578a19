import type { Scope, StreamQuery } from "@yardmaster/protocol";
import type { Feed } from "../engine/index.ts";
import { changeFilter } from "./change-filter.ts";
import { type FeedNews, followFeed } from "./follow-feed.ts";

export interface FeedAsked {
  readonly query: StreamQuery;
  /** Wins over `after` of the query; empty is none. */
  readonly lastEventId: string | string[] | undefined;
  /** Of the token. */
  readonly scopes: readonly Scope[];
}

/** The feed for one follower, however it is told. */
export interface OpenFeed {
  news(signal: AbortSignal): AsyncGenerator<FeedNews>;
  /** For a follower that does not read what it is sent. */
  lastNews(): FeedNews;
}

/**
 * Checks what a follower asks for while it can still be refused with a status.
 * @throws AppError `invalid_request`, `forbidden` as `changeFilter` does, `invalid_cursor`
 */
export async function openFeed(
  feed: Feed,
  { query, lastEventId, scopes }: FeedAsked,
  heartbeatMs: number,
): Promise<OpenFeed> {
  const wants = changeFilter(query, scopes);
  const asked = lastEventId ?? query.after;
  let cursor = typeof asked === "string" && asked !== "" ? asked : await feed.head();
  await feed.read(cursor, 1);
  const onMove = (next: string): void => {
    cursor = next;
  };
  return {
    news: (signal) => followFeed(feed, { cursor, wants, heartbeatMs, signal, onMove }),
    lastNews: () => ({ kind: "cut", cursor, reason: "what was sent was not read in time" }),
  };
}
