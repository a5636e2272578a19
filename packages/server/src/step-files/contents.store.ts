import { failureCode } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** A content that is whole. */
export interface StoredContent {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: number;
}

const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";

export async function insertContent(pool: Pool, id: string): Promise<void> {
  await pool.query("INSERT INTO file_contents (id) VALUES ($1) ON CONFLICT DO NOTHING", [id]);
}

/** The same piece again changes nothing: a write whose answer was lost is repeated. */
export async function insertPiece(
  pool: Pool,
  id: string,
  number: number,
  piece: Buffer,
): Promise<void> {
  await pool.query({
    name: "step_files_piece",
    text: "INSERT INTO file_pieces (content_id, number, piece) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    values: [id, number, piece],
  });
}

/**
 * Gives what was written its checksum, and the tree of runs its use, at once: no whole content is without a use. Locks
 * its own row alone. Of two who finish the same content the second is refused by the checksum's uniqueness: false.
 */
export async function finishContent(
  pool: Pool,
  { id, sha256, bytes }: StoredContent,
  rootId: string,
): Promise<boolean> {
  try {
    const result = await pool.query(
      `WITH done AS (UPDATE file_contents SET sha256 = $2, bytes = $3 WHERE id = $1 AND sha256 IS NULL RETURNING id)
       INSERT INTO file_uses (root_id, content_id) SELECT $4, id FROM done`,
      [id, sha256, bytes, rootId],
    );
    return result.rowCount === 1;
  } catch (error) {
    if (failureCode(error) === UNIQUE_VIOLATION) return false;
    throw error;
  }
}

/**
 * Gives a tree of runs a content that is there; false where it is not. The foreign key locks the content's row for as
 * long as this takes: a deletion waits for it, and is refused then; one that was faster refuses this.
 */
export async function useContent(pool: Pool, rootId: string, sha256: string): Promise<boolean> {
  try {
    const result = await pool.query(
      `WITH found AS (SELECT id FROM file_contents WHERE sha256 = $2),
       used AS (INSERT INTO file_uses (root_id, content_id) SELECT $1, id FROM found ON CONFLICT DO NOTHING)
       SELECT id FROM found`,
      [rootId, sha256],
    );
    return result.rowCount === 1;
  } catch (error) {
    if (failureCode(error) === FOREIGN_KEY_VIOLATION) return false;
    throw error;
  }
}

/** All that one tree of runs has, for another; what is deleted meanwhile refuses it as a whole (see `useContent`). */
export async function copyUses(pool: Pool, fromRoot: string, toRoot: string): Promise<void> {
  await pool.query(
    `INSERT INTO file_uses (root_id, content_id) SELECT $2, content_id FROM file_uses WHERE root_id = $1
     ON CONFLICT DO NOTHING`,
    [fromRoot, toRoot],
  );
}

/** What was written and is not wanted. */
export async function dropUnfinished(pool: Pool, id: string): Promise<void> {
  await pool.query("DELETE FROM file_contents WHERE id = $1 AND sha256 IS NULL", [id]);
}

/** Of these contents, those that the tree of runs has. */
export async function selectUsed(
  pool: Pool,
  rootId: string,
  sums: readonly string[],
): Promise<StoredContent[]> {
  const result = await pool.query<StoredContent>(
    `SELECT c.id, c.sha256, c.bytes::float8 AS bytes FROM file_contents c JOIN file_uses u ON u.content_id = c.id
     WHERE u.root_id = $1 AND c.sha256 = ANY($2)`,
    [rootId, sums],
  );
  return result.rows;
}

/**
 * What a tree of runs has of other contents than these, in bytes. Locks nothing: whoever asks once more when its own
 * are committed sees all that were committed before, so that of many the last one to ask sees all of them.
 */
export async function sumUsed(
  pool: Pool,
  rootId: string,
  without: readonly string[],
): Promise<number> {
  const result = await pool.query<{ bytes: number }>(
    `SELECT coalesce(sum(c.bytes), 0)::float8 AS bytes FROM file_uses u JOIN file_contents c ON c.id = u.content_id
     WHERE u.root_id = $1 AND c.sha256 <> ALL ($2)`,
    [rootId, without],
  );
  return result.rows[0]?.bytes ?? 0;
}

export async function selectPiece(
  pool: Pool,
  id: string,
  number: number,
): Promise<Buffer | undefined> {
  const result = await pool.query<{ piece: Buffer }>({
    name: "step_files_read",
    text: "SELECT piece FROM file_pieces WHERE content_id = $1 AND number = $2",
    values: [id, number],
  });
  return result.rows[0]?.piece;
}
