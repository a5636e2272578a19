import { firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** Decisions and replays of events that are as old, a bounded batch of the oldest; locks only what it deletes. */
export async function deleteOldDecisions(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query<{ count: number }>(
    `WITH old AS (
       DELETE FROM decisions WHERE (event_id, rule, replay) IN (
         SELECT event_id, rule, replay FROM decisions WHERE event_id < $1 ORDER BY event_id LIMIT $2
       ) RETURNING event_id
     ), again AS (DELETE FROM replays r USING old WHERE r.event_id = old.event_id)
     SELECT count(*)::int AS count FROM old`,
    [firstUuidAt(before.getTime()), limit],
  );
  return result.rows[0]?.count ?? 0;
}
