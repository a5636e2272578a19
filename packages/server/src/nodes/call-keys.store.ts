import type { Pool } from "pg";

export interface CallKey {
  readonly tokenId: string;
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  readonly requestHash: string;
  readonly callId: string;
}

/** How long a key stands for its first call. */
const KEY_LIFE = "24 hours";

/**
 * Takes a key for a call, or gives who has it: of two requests at once the later waits for the first and finds it. A
 * key that is older than its life is taken over.
 */
export async function takeCallKey(pool: Pool, asked: CallKey): Promise<CallKey> {
  const values = [asked.tokenId, asked.key, asked.requestHash, asked.callId];
  const { rowCount } = await pool.query(
    `INSERT INTO node_call_keys AS held (token_id, key, request_hash, call_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (token_id, key) DO UPDATE
       SET request_hash = excluded.request_hash, call_id = excluded.call_id, created_at = clock_timestamp()
       WHERE held.created_at < clock_timestamp() - interval '${KEY_LIFE}'`,
    values,
  );
  if (rowCount === 1) return asked;
  const { rows } = await pool.query<CallKey>(
    `SELECT token_id AS "tokenId", key, request_hash AS "requestHash", call_id AS "callId"
     FROM node_call_keys WHERE token_id = $1 AND key = $2`,
    [asked.tokenId, asked.key],
  );
  return rows[0] ?? (await takeCallKey(pool, asked));
}

/** Gives a key back whose call was not sent. */
export async function dropCallKey(pool: Pool, { tokenId, key, callId }: CallKey): Promise<void> {
  await pool.query("DELETE FROM node_call_keys WHERE token_id = $1 AND key = $2 AND call_id = $3", [
    tokenId,
    key,
    callId,
  ]);
}

/** Removes keys that were taken before, at most `limit`. Gives how many. */
export async function deleteOldCallKeys(pool: Pool, before: Date, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM node_call_keys WHERE (token_id, key) IN (
       SELECT token_id, key FROM node_call_keys WHERE created_at < $1
       ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [before, limit],
  );
  return rowCount ?? 0;
}
