import type { Json } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import type { Change } from "./feed.types.ts";
import { HORIZON } from "./horizon.store.ts";

export interface ChangeRow {
  readonly xid: string;
  readonly seq: string;
  readonly at: string;
  /** `at` in Unix milliseconds. */
  readonly atMs: string;
  readonly items: readonly Json[];
}

const AT_MS = "floor(extract(epoch FROM at) * 1000)::bigint::text";

export async function readEpoch(pool: Pool): Promise<string> {
  const result = await pool.query<{ epoch: string }>("SELECT epoch FROM installation");
  return result.rows[0]?.epoch ?? "";
}

/**
 * Rows after a place, in commit order. Sequence numbers do not commit in order, so a reader that remembered the
 * highest would lose rows: only transactions older than every open one of this database are shown. The order names
 * the table: a bare `xid` would be the text that is given, and 1000 come before 999.
 */
export async function readChanges(
  pool: Pool,
  after: { xid: string; seq: string },
  limit: number,
): Promise<ChangeRow[]> {
  const result = await pool.query<ChangeRow>({
    name: "engine_feed",
    text: `SELECT xid::text, seq::text, at, ${AT_MS} AS "atMs", items FROM changes
           WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < ${HORIZON}
           ORDER BY changes.xid, changes.seq LIMIT $3`,
    values: [after.xid, after.seq, limit],
  });
  return result.rows;
}

/** A place in the feed: that of a row, and when that row was written; without a time before the first. */
export interface FeedPlace {
  readonly xid: string;
  readonly seq: string;
  readonly atMs: string | undefined;
}

/** The place after everything that is visible now. */
export async function readHead(pool: Pool): Promise<FeedPlace> {
  const result = await pool.query<FeedPlace>(
    `SELECT xid::text, seq::text, ${AT_MS} AS "atMs" FROM changes WHERE xid < ${HORIZON}
     ORDER BY changes.xid DESC, changes.seq DESC LIMIT 1`,
  );
  return result.rows[0] ?? { xid: "0", seq: "0", atMs: undefined };
}

/**
 * Whether rows after this place may be missing: removed by retention, or the place is one of a time after the backup
 * that was put back. That one has not been reached yet, or by another row, if any: numbers are given again.
 * The first row instead of min(xid): before 15 there is none of xid8.
 */
export async function mayMissRows(pool: Pool, { xid, seq, atMs }: FeedPlace): Promise<boolean> {
  const result = await pool.query<{ may: boolean | null }>(
    `SELECT $1::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot())
       OR ($1::text::xid8 < (SELECT xid FROM changes ORDER BY changes.xid, changes.seq LIMIT 1) AND $1 <> '0')
       OR ($3::text IS NOT NULL AND NOT EXISTS (
         SELECT FROM changes WHERE (xid, seq) = ($1::text::xid8, $2::text::bigint) AND ${AT_MS} = $3)) AS may`,
    [xid, seq, atMs],
  );
  return result.rows[0]?.may ?? false;
}

/** Age of the oldest row that an open transaction hides from readers, by the database's clock; one look into the key. */
export async function selectFeedLagMs(pool: Pool): Promise<number> {
  const result = await pool.query<{ lag: number | null }>({
    name: "engine_feed_lag",
    text: `SELECT (extract(epoch FROM clock_timestamp() - at) * 1000)::float8 AS lag FROM changes
           WHERE xid >= ${HORIZON} ORDER BY xid, seq LIMIT 1`,
  });
  return Math.max(0, result.rows[0]?.lag ?? 0);
}

/** Adds items that come with no run, as one row. */
export async function insertChanges(client: ClientBase, items: readonly Change[]): Promise<void> {
  if (items.length === 0) return;
  await client.query("INSERT INTO changes (items) VALUES ($1::json)", [JSON.stringify(items)]);
}
