import { isAppError } from "@yardmaster/protocol";
import { isConnectionLoss } from "../db/index.ts";
import type { Change, Feed, FeedItem } from "../engine/index.ts";
import { createWake } from "./wake.ts";

export interface FollowFeedOptions {
  readonly cursor: string;
  readonly wants: (change: Change) => boolean;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  /** Told where the stream stands, before what leads there is given. */
  readonly onMove: (cursor: string) => void;
}

/** What a follower is told: changes, or what the stream says of itself. All name, or hold, the cursor to go on from. */
export type FeedNews =
  | { readonly kind: "changes"; readonly items: readonly FeedItem[] }
  /** Nothing has happened for a while. */
  | { readonly kind: "ready" | "alive"; readonly cursor: string }
  | { readonly kind: "gap" | "cut"; readonly cursor: string; readonly reason: string };

/** Items that one piece of news holds at most: what waits for a slow reader in memory. */
const PAGE = 200;

/** The change feed, from a cursor on, until the signal aborts. */
export async function* followFeed(
  feed: Feed,
  options: FollowFeedOptions,
): AsyncGenerator<FeedNews> {
  const { signal, wants, heartbeatMs } = options;
  let cursor = options.cursor;
  const moveTo = (next: string): void => {
    cursor = next;
    options.onMove(next);
  };
  const wake = createWake((onChange) => feed.watch(onChange), signal);
  try {
    yield { kind: "ready", cursor };
    while (!signal.aborted) {
      const { gap, items } = await feed.read(cursor, PAGE);
      if (gap) {
        moveTo(await feed.head());
        yield { kind: "gap", cursor, reason: "the cursor is gone; read the lists anew" };
        continue;
      }
      const last = items.at(-1);
      if (last !== undefined) moveTo(last.cursor);
      const wanted = items.filter((item) => wants(item.change));
      if (wanted.length > 0) yield { kind: "changes", items: wanted };
      if (items.length < PAGE && (await wake.next(heartbeatMs)) === "idle")
        yield { kind: "alive", cursor };
    }
    yield { kind: "cut", cursor, reason: whyCut(signal) };
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    yield { kind: "cut", cursor, reason: "the database is out of reach" };
  } finally {
    wake.close();
  }
}

function whyCut({ reason }: AbortSignal): string {
  return isAppError(reason) ? reason.message : "the server is stopping";
}
