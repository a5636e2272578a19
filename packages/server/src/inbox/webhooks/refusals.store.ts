import type { Pool } from "pg";

export interface Refusals {
  readonly source: string;
  readonly count: number;
  /** Of the last one. RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** Locks the source's one row: processes that refuse at the same time add to it one after the other. */
export async function addRefusals(
  pool: Pool,
  { source, count, reason }: Pick<Refusals, "source" | "count" | "reason">,
): Promise<void> {
  await pool.query(
    `INSERT INTO source_refusals AS r (source, refused, last_at, last_reason) VALUES ($1, $2, clock_timestamp(), $3)
     ON CONFLICT (source) DO UPDATE
       SET refused = r.refused + excluded.refused, last_at = excluded.last_at, last_reason = excluded.last_reason`,
    [source, count, reason],
  );
}

/** By the name of their source. Locks nothing. */
export async function readRefusals(pool: Pool): Promise<ReadonlyMap<string, Refusals>> {
  const { rows } = await pool.query<Refusals>(
    `SELECT source, refused::float8 AS count, last_at AS at, last_reason AS reason FROM source_refusals`,
  );
  return new Map(rows.map((row) => [row.source, row]));
}
