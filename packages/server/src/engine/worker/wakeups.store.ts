import type { Pool } from "pg";

export const WAKE_CHANNEL = "yard_wake";

export async function notifyWake(pool: Pool, payload: string): Promise<void> {
  await pool.query("SELECT pg_notify($1, $2)", [WAKE_CHANNEL, payload]);
}
