import type { Pool } from "pg";

/** A change that was found by asking. */
export interface Find {
  readonly change: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly senderId: string;
}

/** Of one issue. */
export interface FindsOf {
  readonly trackerId: string;
  readonly repositoryId: number;
  readonly number: number;
}

/**
 * Written before what was found is taken: what the forge itself still delivers is then known to be the same. The same
 * again changes nothing.
 */
export async function addFinds(
  pool: Pool,
  { trackerId, repositoryId, number }: FindsOf,
  finds: readonly Find[],
): Promise<void> {
  await pool.query(
    `INSERT INTO tracker_finds (tracker_id, repository_id, number, change, from_at, to_at, sender_id)
     SELECT $1, $2, $3, f.change, to_timestamp(f.from_ms / 1000), to_timestamp(f.to_ms / 1000), f.sender_id
     FROM unnest($4::text[], $5::float8[], $6::float8[], $7::text[]) AS f (change, from_ms, to_ms, sender_id)
     ON CONFLICT DO NOTHING`,
    [
      ...[trackerId, repositoryId, number],
      finds.map(({ change }) => change),
      finds.map(({ fromMs }) => fromMs),
      finds.map(({ toMs }) => toMs),
      finds.map(({ senderId }) => senderId),
    ],
  );
}

/** What was found of an issue that was made at this time. Reads the primary key. */
export async function findsAt(
  pool: Pool,
  { trackerId, repositoryId, number }: FindsOf,
  atMs: number,
): Promise<Pick<Find, "change" | "senderId">[]> {
  const { rows } = await pool.query<Pick<Find, "change" | "senderId">>({
    name: "tracker_finds_at",
    text: `SELECT change, sender_id AS "senderId" FROM tracker_finds
           WHERE tracker_id = $1 AND repository_id = $2 AND number = $3
             AND to_timestamp($4::float8 / 1000) BETWEEN from_at AND to_at`,
    values: [trackerId, repositoryId, number, atMs],
  });
  return rows;
}

/** They were late, and not lost. The first delivery counts. */
export async function noteDelivered(
  pool: Pool,
  trackerId: string,
  senderIds: readonly string[],
): Promise<void> {
  await pool.query(
    `UPDATE tracker_finds SET delivered_at = clock_timestamp()
     WHERE tracker_id = $1 AND sender_id = ANY ($2::text[]) AND delivered_at IS NULL`,
    [trackerId, senderIds],
  );
}

/** A bounded batch of the oldest; locks only what it deletes. */
export async function deleteOldFinds(pool: Pool, before: Date, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM tracker_finds WHERE ctid IN (SELECT ctid FROM tracker_finds WHERE found_at < $1 LIMIT $2)`,
    [before, limit],
  );
  return rowCount ?? 0;
}
