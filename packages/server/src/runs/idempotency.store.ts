import type { ClientBase, Pool } from "pg";

export interface KeyRow {
  readonly tokenId: string;
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  readonly requestHash: string;
  readonly runId: string;
}

/** How long a key answers with its first run. */
export const KEY_LIFE = "24 hours";

/**
 * Takes keys for runs; gives those rows that have theirs. Rows must differ in (token, key) and be sorted by it:
 * processes that take the same keys then wait for each other in one order. A key that is held by an open transaction
 * is waited for; one that is older than its life is taken over.
 */
export async function takeKeys(client: ClientBase, rows: readonly KeyRow[]): Promise<string[]> {
  const { rows: taken } = await client.query<{ run_id: string }>({
    name: "take_idempotency_keys",
    text: `INSERT INTO idempotency_keys AS held (token_id, key, request_hash, run_id)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
           ON CONFLICT (token_id, key) DO UPDATE
             SET request_hash = excluded.request_hash, run_id = excluded.run_id, created_at = now()
             WHERE held.created_at < now() - interval '${KEY_LIFE}'
           RETURNING run_id`,
    values: [
      rows.map((row) => row.tokenId),
      rows.map((row) => row.key),
      rows.map((row) => row.requestHash),
      rows.map((row) => row.runId),
    ],
  });
  return taken.map((row) => row.run_id);
}

/** Who holds keys now: a statement of its own, so that it sees what the one before it waited for. */
export async function findKeys(
  client: ClientBase,
  rows: readonly Pick<KeyRow, "tokenId" | "key">[],
): Promise<KeyRow[]> {
  const { rows: found } = await client.query<KeyRow>({
    name: "find_idempotency_keys",
    text: `SELECT token_id AS "tokenId", key, request_hash AS "requestHash", run_id AS "runId"
           FROM idempotency_keys JOIN unnest($1::uuid[], $2::text[]) AS asked (token_id, key) USING (token_id, key)`,
    values: [rows.map((row) => row.tokenId), rows.map((row) => row.key)],
  });
  return found;
}

/** Removes keys past their life, at most `limit`; gives how many. */
export async function deleteOldKeys(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM idempotency_keys WHERE (token_id, key) IN (
       SELECT token_id, key FROM idempotency_keys WHERE created_at < now() - interval '${KEY_LIFE}'
       ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [limit],
  );
  return rowCount ?? 0;
}
