import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import {
  type ChangeRow,
  type FeedPlace,
  mayMissRows,
  readChanges,
  readEpoch,
  readHead,
} from "./feed.store.ts";
import type { Change, Feed, FeedItem } from "./feed.types.ts";
import { shareReads } from "./shared-reads.ts";

/** How often watchers are told to look, for what other processes wrote. */
const LOOK_EVERY_MS = 500;

type FeedRead = Awaited<ReturnType<Feed["read"]>>;

interface Place extends FeedPlace {
  readonly epoch: string;
  readonly item: number;
}

/** The change feed over the `changes` table. `poke` tells watchers of this process that it has written. */
export function createFeed(pool: Pool): Feed & { poke(): void; close(): void } {
  const watchers = new Set<() => void>();
  let epoch: Promise<string> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let poked = false;

  function epochOf(): Promise<string> {
    epoch ??= readEpoch(pool).catch((error: unknown) => {
      epoch = undefined;
      throw error;
    });
    return epoch;
  }

  function tell(): void {
    poked = false;
    for (const watcher of watchers) watcher();
  }

  async function head(): Promise<string> {
    const place = await readHead(pool);
    return cursorOf({ ...place, epoch: await epochOf(), item: Number.MAX_SAFE_INTEGER });
  }

  async function read(cursor: string, limit: number): Promise<FeedRead> {
    const place = parseCursor(cursor);
    const current = await epochOf();
    if (place.epoch !== current || (await mayMissRows(pool, place)))
      return { gap: true, items: [] };
    // The row of the cursor is read again: it may hold more items than were taken.
    const from = { xid: place.xid, seq: String(BigInt(place.seq) - 1n) };
    const items: FeedItem[] = [];
    for (const row of await readChanges(pool, from, limit)) {
      items.push(...itemsAfter(row, place, current));
      if (items.length >= limit) break;
    }
    return { gap: false, items: items.slice(0, limit) };
  }

  return {
    head,
    read: shareReads(read),
    watch(onChange) {
      watchers.add(onChange);
      timer ??= setInterval(tell, LOOK_EVERY_MS);
      return () => {
        watchers.delete(onChange);
        if (watchers.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    poke() {
      if (poked || watchers.size === 0) return;
      poked = true;
      setTimeout(tell, 10);
    },
    close() {
      clearInterval(timer);
      watchers.clear();
    },
  };
}

function itemsAfter(row: ChangeRow, place: Place, epoch: string): FeedItem[] {
  const same = row.xid === place.xid && row.seq === place.seq;
  const { xid, seq, atMs } = row;
  const all = row.items.map((change, item) => ({
    cursor: cursorOf({ epoch, xid, seq, atMs, item }),
    at: row.at,
    change: change as unknown as Change,
  }));
  return same ? all.slice(place.item + 1) : all;
}

function cursorOf({ epoch, xid, seq, item, atMs }: Place): string {
  const place = `${epoch}.${xid}.${seq}.${item}`;
  return atMs === undefined ? place : `${place}.${atMs}`;
}

/** Those of earlier builds have no time. Numbers that fit no xid8 or bigint would break the query. */
function parseCursor(cursor: string): Place {
  const [, epoch = "", xid = "", seq = "", item, atMs] =
    /^([0-9a-f-]{36})\.(\d{1,20})\.(\d{1,19})\.(\d{1,16})(?:\.(\d{1,16}))?$/.exec(cursor) ?? [];
  if (item === undefined || BigInt(xid) >= 2n ** 64n || BigInt(seq) >= 2n ** 63n)
    throw new AppError(
      "invalid_cursor",
      `"${cursor.slice(0, 100)}" is not a cursor of the change feed`,
    );
  return { epoch, xid, seq, item: Number(item), atMs };
}
