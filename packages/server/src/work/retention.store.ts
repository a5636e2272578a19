import type { Pool } from "pg";

/**
 * Items that ended before then, with their tries. Those whose issue is open stay: whether it is done is what others wait
 * for.
 */
export async function deleteOldItems(pool: Pool, before: Date, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM work_items WHERE id IN (
       SELECT w.id FROM work_items w JOIN work_issues i USING (tracker_id, repository, number)
       WHERE w.finished_at < $1 AND w.stop_run IS NULL AND i.state NOT IN ('open', 'unreadable') LIMIT $2)`,
    [before, limit],
  );
  return rowCount ?? 0;
}

/** Issues that are over, of which nothing was heard since. One that is closed and not known any more holds nothing. */
export async function deleteOldIssues(pool: Pool, before: Date, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM work_issues WHERE (tracker_id, repository, number) IN (
       SELECT tracker_id, repository, number FROM work_issues i
       WHERE heard_at < $1 AND state NOT IN ('open', 'unreadable') AND NOT EXISTS (
         SELECT FROM work_items w WHERE (w.tracker_id, w.repository, w.number) = (i.tracker_id, i.repository, i.number))
       LIMIT $2)`,
    [before, limit],
  );
  return rowCount ?? 0;
}
