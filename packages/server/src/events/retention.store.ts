import { firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** Events, a bounded batch of the oldest; locks only what it deletes. */
export async function deleteOldEvents(pool: Pool, before: Date, limit: number): Promise<number> {
  const result = await pool.query(
    `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1 ORDER BY id LIMIT $2)`,
    [firstUuidAt(before.getTime()), limit],
  );
  return result.rowCount ?? 0;
}
