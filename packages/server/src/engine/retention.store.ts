import { firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

/*
 * What is kept no longer. Ids begin with their time, so what is old stands at the beginning of the primary keys. Each
 * statement deletes a bounded batch and says how many; rows are locked by their own deletion alone, and of two
 * processes that delete at once the second finds the rest. Nothing here is live: runs in `runs` are never touched.
 */

/** Ended runs with all that is kept of them, by the time of their end. */
export async function deleteOldRuns(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query<{ count: number }>(
    `WITH old AS (
       DELETE FROM run_history WHERE id IN (
         SELECT id FROM run_history WHERE id < $1 AND finished_at < $2 ORDER BY id LIMIT $3
       ) RETURNING id
     ), steps AS (DELETE FROM journal j USING old WHERE j.run_id = old.id),
     asked AS (DELETE FROM inquiries i USING old WHERE i.run_id = old.id),
     logs AS (DELETE FROM log_segments l USING old WHERE l.run_id = old.id)
     SELECT count(*)::int AS count FROM old`,
    [firstUuidAt(before.getTime()), before, limit],
  );
  return result.rows[0]?.count ?? 0;
}

/** Sessions that hold nothing: attempts of runs that are kept no longer were theirs. */
export async function deleteOldSessions(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE swept AND ended_at < $1 ORDER BY ended_at LIMIT $2)",
    [before, limit],
  );
  return result.rowCount ?? 0;
}

/** Logs, of ended runs and of those that go on. */
export async function deleteOldLogs(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query(
    `DELETE FROM log_segments WHERE (run_id, slot, number, seq) IN (
       SELECT run_id, slot, number, seq FROM log_segments WHERE run_id < $1 AND at < $2 ORDER BY run_id LIMIT $3)`,
    [firstUuidAt(before.getTime()), before, limit],
  );
  return result.rowCount ?? 0;
}

/**
 * The change feed: who reads from a cursor that is older gets a gap. The newest row stays, however old: where nothing
 * has happened since, it alone tells that something is gone.
 */
export async function deleteOldChanges(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query(
    `DELETE FROM changes WHERE (xid, seq) IN (
       SELECT xid, seq FROM (SELECT xid, seq, at FROM changes ORDER BY xid, seq LIMIT $2) oldest WHERE at < $1)
       AND (xid, seq) < (SELECT newest.xid, newest.seq FROM changes newest ORDER BY newest.xid DESC, newest.seq DESC LIMIT 1)`,
    [before, limit],
  );
  return result.rowCount ?? 0;
}
