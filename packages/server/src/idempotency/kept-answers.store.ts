import type { Pool } from "pg";

export interface Claim {
  readonly tokenId: string;
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  readonly requestHash: string;
  /** UUIDv7. */
  readonly claimId: string;
}

/** An answer as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where nothing was sent; null where it is not kept. */
  readonly body: string | null;
}

export interface HeldClaim extends Claim {
  /** Null: not answered, as far as is known. */
  readonly answer: StoredAnswer | null;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** How long a key stands for its first request. */
const KEY_LIFE = "24 hours";

/**
 * Takes a key, or gives who holds it. Locks the one row: of two requests at once the later waits for the first and
 * finds it. A key that is older than its life is taken over, answer and all.
 */
export async function claimKey(pool: Pool, asked: Claim): Promise<HeldClaim | undefined> {
  const values = [asked.tokenId, asked.key, asked.requestHash, asked.claimId];
  const { rowCount } = await pool.query(
    `INSERT INTO kept_answers AS held (token_id, key, request_hash, claim_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (token_id, key) DO UPDATE
       SET request_hash = excluded.request_hash, claim_id = excluded.claim_id, created_at = clock_timestamp(),
           status = NULL, headers = NULL, body = NULL
       WHERE held.created_at < clock_timestamp() - interval '${KEY_LIFE}'`,
    values,
  );
  if (rowCount === 1) return undefined;
  const { rows } = await pool.query<
    Omit<HeldClaim, "answer"> & Omit<StoredAnswer, "status"> & { status: number | null }
  >(
    `SELECT token_id AS "tokenId", key, request_hash AS "requestHash", claim_id AS "claimId",
            created_at AS "createdAt", status, headers, body
     FROM kept_answers WHERE token_id = $1 AND key = $2`,
    [asked.tokenId, asked.key],
  );
  const held = rows[0];
  // Given back between the two statements.
  if (held === undefined) return await claimKey(pool, asked);
  // Sent again after a lost connection: it is its own.
  if (held.claimId === asked.claimId) return undefined;
  const { status, headers, body, ...claim } = held;
  return { ...claim, answer: status === null ? null : { status, headers, body } };
}

/** Keeps the answer of a claim; the first one stands. Writes the one row, and nothing where another has the key now. */
export async function storeAnswer(
  pool: Pool,
  { tokenId, key, claimId }: Claim,
  { status, headers, body }: StoredAnswer,
): Promise<void> {
  await pool.query(
    `UPDATE kept_answers SET status = $4, headers = $5, body = $6
     WHERE token_id = $1 AND key = $2 AND claim_id = $3 AND status IS NULL`,
    [tokenId, key, claimId, status, JSON.stringify(headers), body],
  );
}

/** Gives a key back whose request was refused. Locks the one row, which only its own claim deletes. */
export async function dropClaim(pool: Pool, { tokenId, key, claimId }: Claim): Promise<void> {
  await pool.query("DELETE FROM kept_answers WHERE token_id = $1 AND key = $2 AND claim_id = $3", [
    tokenId,
    key,
    claimId,
  ]);
}

/** Removes keys that were taken before, at most `limit`; rows that others hold are left to them. Gives how many. */
export async function deleteOldKeptAnswers(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM kept_answers WHERE (token_id, key) IN (
       SELECT token_id, key FROM kept_answers WHERE created_at < $1
       ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [before, limit],
  );
  return rowCount ?? 0;
}
