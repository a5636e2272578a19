import { type DeliveryRecord, firstUuidAt } from "@yardmaster/protocol";
import type { Pool } from "pg";

export interface DeliveryFilter {
  readonly source?: string | undefined;
  /** Those that have a problem, or those that have none. */
  readonly hasProblem?: boolean | undefined;
  /** Arrived then or later, and before; RFC 3339. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Newest first: ids begin with the time of arrival. Locks nothing. */
export async function listDeliveries(
  pool: Pool,
  filter: DeliveryFilter,
): Promise<DeliveryRecord[]> {
  const values: unknown[] = [filter.limit];
  const conditions = ["true"];
  const firstAt = (time: string): number => values.push(firstUuidAt(Date.parse(time)));
  if (filter.source !== undefined) conditions.push(`source = $${values.push(filter.source)}`);
  if (filter.before !== undefined) conditions.push(`id < $${values.push(filter.before)}`);
  if (filter.since !== undefined) conditions.push(`id >= $${firstAt(filter.since)}`);
  if (filter.until !== undefined) conditions.push(`id < $${firstAt(filter.until)}`);
  if (filter.hasProblem !== undefined)
    conditions.push(`problem IS ${filter.hasProblem ? "NOT NULL" : "NULL"}`);
  const result = await pool.query<DeliveryRecord>(
    `SELECT id, channel, source, received_at, sender_id, headers->>'content-type' AS content_type, body_bytes,
            verified_by, event_id, duplicate_of, problem
     FROM deliveries WHERE ${conditions.join(" AND ")} ORDER BY id DESC LIMIT $1`,
    values,
  );
  return result.rows;
}
