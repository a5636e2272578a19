import type { ClientBase, Pool } from "pg";
import type { OrderRow } from "./order-row.ts";

const COLUMNS = `tracker_id, tracker, run, input, concurrency, max_attempts, agents, paused_by,
  created_at, created_by, updated_at, updated_by`;

/** By the name of the tracker. */
export async function listOrders(pool: Pool): Promise<OrderRow[]> {
  const { rows } = await pool.query<OrderRow>({
    name: "work_orders_list",
    text: `SELECT ${COLUMNS} FROM work_orders ORDER BY tracker`,
  });
  return rows;
}

/** Under the lock of the place. */
export async function putOrder(client: ClientBase, order: OrderRow): Promise<void> {
  await client.query(
    `INSERT INTO work_orders (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (tracker_id) DO UPDATE SET tracker = $2, run = $3, input = $4, concurrency = $5, max_attempts = $6,
       agents = $7, paused_by = $8, updated_at = $11, updated_by = $12`,
    [
      ...[order.tracker_id, order.tracker, order.run],
      ...[order.input === null ? null : JSON.stringify(order.input), order.concurrency],
      ...[order.max_attempts, order.agents, order.paused_by, order.created_at, order.created_by],
      ...[order.updated_at, order.updated_by],
    ],
  );
}

/** Under the lock of the place. */
export async function deleteOrder(client: ClientBase, trackerId: string): Promise<void> {
  await client.query("DELETE FROM work_orders WHERE tracker_id = $1", [trackerId]);
}
