import { isAppError } from "@yardmaster/protocol";
import { isConnectionLoss } from "../db/index.ts";
import type { Change, Feed } from "../engine/index.ts";
import { changeEvent, controlEvent, heartbeat } from "./server-sent-events.ts";
import { createWake } from "./wake.ts";

export interface FollowFeedOptions {
  readonly cursor: string;
  readonly wants: (change: Change) => boolean;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  /** Told where the stream stands, before what leads there is given. */
  readonly onMove: (cursor: string) => void;
}

/** Items that one chunk holds at most: what waits for a slow reader in memory. */
const PAGE = 200;

/** The change feed as server-sent events, from a cursor on, until the signal aborts. */
export async function* followFeed(feed: Feed, options: FollowFeedOptions): AsyncGenerator<string> {
  const { signal, wants, heartbeatMs } = options;
  let cursor = options.cursor;
  const moveTo = (next: string): void => {
    cursor = next;
    options.onMove(next);
  };
  const wake = createWake((onChange) => feed.watch(onChange), signal);
  try {
    yield controlEvent("ready", cursor);
    while (!signal.aborted) {
      const { gap, items } = await feed.read(cursor, PAGE);
      if (gap) {
        moveTo(await feed.head());
        yield controlEvent("gap", cursor, "the cursor is gone; read the lists anew");
        continue;
      }
      const last = items.at(-1);
      if (last !== undefined) moveTo(last.cursor);
      const wanted = items.filter((item) => wants(item.change));
      if (wanted.length > 0) yield wanted.map(changeEvent).join("");
      if (items.length < PAGE && (await wake.next(heartbeatMs)) === "idle") yield heartbeat(cursor);
    }
    yield controlEvent("cut", cursor, whyCut(signal));
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
    yield controlEvent("cut", cursor, "the database is out of reach");
  } finally {
    wake.close();
  }
}

function whyCut({ reason }: AbortSignal): string {
  return isAppError(reason) ? reason.message : "the server is stopping";
}
