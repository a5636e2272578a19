import type { Pool } from "pg";
import type { LogLine } from "../engine.types.ts";

/**
 * A run's log in the order in which it was stored, behind `after`. Like the feed it stops below the oldest open
 * transaction, so that a follower misses no segment of a worker that commits late; an ended run's log is whole, and is shown whole.
 */
export async function selectLogs(
  pool: Pool,
  runId: string,
  options: { readonly step?: string; readonly after?: LogPlace; readonly limit: number },
): Promise<(Omit<LogLine, "cursor"> & { xid: string })[]> {
  const result = await pool.query(
    `SELECT xid::text, slot AS step, number AS attempt, seq, stream, at, text FROM log_segments
     WHERE run_id = $1 AND ($2::text IS NULL OR slot = $2 OR starts_with(slot, $2 || '#'))
       AND ($3::text IS NULL OR (xid, slot, number, seq) > ($3::xid8, $4, $5, $6))
       AND (xid < pg_snapshot_xmin(pg_current_snapshot()) OR EXISTS (SELECT FROM run_history WHERE id = $1))
     ORDER BY log_segments.xid, slot, number, seq LIMIT $7`,
    [
      runId,
      options.step ?? null,
      options.after?.xid ?? null,
      options.after?.slot ?? "",
      options.after?.number ?? 0,
      options.after?.seq ?? 0,
      options.limit,
    ],
  );
  return result.rows;
}

export interface LogPlace {
  readonly xid: string;
  readonly slot: string;
  readonly number: number;
  readonly seq: number;
}

export async function insertLogSegments(
  pool: Pool,
  rows: readonly {
    runId: string;
    slot: string;
    number: number;
    seq: number;
    stream: string;
    at: Date;
    text: string;
  }[],
): Promise<void> {
  await pool.query({
    name: "engine_logs",
    text: `INSERT INTO log_segments (run_id, slot, number, seq, stream, at, text)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::text[], $6::timestamptz[], $7::text[])
           ON CONFLICT DO NOTHING`,
    values: [
      rows.map((row) => row.runId),
      rows.map((row) => row.slot),
      rows.map((row) => row.number),
      rows.map((row) => row.seq),
      rows.map((row) => row.stream),
      rows.map((row) => row.at),
      rows.map((row) => row.text),
    ],
  });
}
