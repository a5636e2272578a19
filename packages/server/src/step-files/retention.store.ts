import { firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** Roots of trees that have files, from one on; none younger than `before`: those may not be committed yet. */
export async function selectRoots(
  pool: Pool,
  before: Date,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const result = await pool.query<{ root_id: string }>(
    `SELECT DISTINCT root_id FROM file_uses WHERE root_id < $1 AND ($2::uuid IS NULL OR root_id > $2)
     ORDER BY root_id LIMIT $3`,
    [firstUuidAt(before.getTime()), after ?? null, limit],
  );
  return result.rows.map(({ root_id }) => root_id);
}

export async function deleteUses(pool: Pool, roots: readonly string[]): Promise<void> {
  await pool.query("DELETE FROM file_uses WHERE root_id = ANY($1)", [roots]);
}

/**
 * Contents that no run has. Locks the rows that it deletes, but for those that are being given to a run right now. One
 * that was given between its look and its lock makes the foreign key refuse the whole batch, and nothing is lost: the
 * next round finds the rest.
 */
export async function deleteUnusedContents(pool: Pool, limit: number): Promise<number> {
  const result = await pool.query(
    `DELETE FROM file_contents WHERE id IN (
       SELECT id FROM file_contents c WHERE sha256 IS NOT NULL
         AND NOT EXISTS (SELECT FROM file_uses u WHERE u.content_id = c.id) LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [limit],
  );
  return result.rowCount ?? 0;
}

/** Contents whose writer died before they were whole. Nobody else has them. */
export async function deleteUnfinishedContents(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const result = await pool.query(
    `DELETE FROM file_contents WHERE id IN (
       SELECT id FROM file_contents WHERE sha256 IS NULL AND begun_at < $1 LIMIT $2)`,
    [before, limit],
  );
  return result.rowCount ?? 0;
}
