import { firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** Deliveries as they arrived; their events stay. Locks only what it deletes, a bounded batch of the oldest. */
export async function deleteOldDeliveries(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const result = await pool.query(
    `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1 ORDER BY id LIMIT $2)`,
    [firstUuidAt(before.getTime()), limit],
  );
  return result.rowCount ?? 0;
}

/** What would make a delivery a duplicate of one that is gone. */
export async function deleteOldDeliveryKeys(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const result = await pool.query(
    `DELETE FROM delivery_keys WHERE key IN (SELECT key FROM delivery_keys WHERE seen_at < $1 LIMIT $2)`,
    [before, limit],
  );
  return result.rowCount ?? 0;
}
