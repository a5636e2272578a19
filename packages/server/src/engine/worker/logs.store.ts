import type { Pool } from "pg";
import { HORIZON } from "../feed/horizon.store.ts";
import type { LogLine } from "../reading/reading.types.ts";

/**
 * What there is to read of a run's log ($1), or of a step of it ($2). Like the feed it stops below the oldest open
 * transaction, so that a follower misses no segment of a worker that commits late; an ended run's log is whole, and is shown whole.
 */
const READABLE = `run_id = $1 AND ($2::text IS NULL OR slot = $2 OR starts_with(slot, $2 || '#'))
       AND (xid < ${HORIZON} OR EXISTS (SELECT FROM run_history WHERE id = $1))`;

/** A run's log in the order in which it was stored, behind `after`. */
export async function selectLogs(
  pool: Pool,
  runId: string,
  options: {
    readonly step?: string;
    readonly raw: boolean;
    readonly after?: LogPlace;
    readonly limit: number;
  },
): Promise<(Omit<LogLine, "cursor"> & { xid: string })[]> {
  const result = await pool.query(
    `SELECT xid::text, slot AS step, number AS attempt, seq, stream, at, text FROM log_segments
     WHERE ${READABLE} AND ($8 OR stream <> 'raw') AND ($3::text IS NULL OR (xid, slot, number, seq) > ($3::xid8, $4, $5, $6))
     ORDER BY log_segments.xid, slot, number, seq LIMIT $7`,
    [
      runId,
      options.step ?? null,
      options.after?.xid ?? null,
      options.after?.slot ?? "",
      options.after?.number ?? 0,
      options.after?.seq ?? 0,
      options.limit,
      options.raw,
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

/** Where a tail begins. */
export interface TailStart extends LogPlace {
  readonly text: string;
  /** From here to the end of the log, this segment included. */
  readonly lines: number;
}

/**
 * The newest segment with which a log, from there to its end, has more than so many lines or bytes; undefined where all
 * of it has no more. A line ends with its line feed; the last of a writer may have none yet. Goes back along
 * `log_segments_stored` and stops there: what is older is not read.
 */
export async function selectTailStart(
  pool: Pool,
  runId: string,
  most: {
    readonly step?: string;
    readonly raw: boolean;
    readonly lines: number;
    readonly bytes: number;
  },
): Promise<TailStart | undefined> {
  const result = await pool.query<TailStart>(
    `SELECT xid::text, slot, number, seq, text, lines::int FROM (
       SELECT xid, slot, number, seq, text, sum(own_lines) OVER back AS lines, sum(octet_length(text)) OVER back AS bytes
       FROM (
         SELECT xid, slot, number, seq, text, length(text) - length(replace(text, E'\n', '')) + (
           right(text, 1) <> E'\n' AND NOT EXISTS (
             SELECT FROM log_segments n WHERE n.run_id = $1 AND n.slot = s.slot AND n.number = s.number
               AND n.stream = s.stream AND n.seq > s.seq))::int AS own_lines
         FROM log_segments s WHERE ${READABLE} AND ($5 OR stream <> 'raw')) counted
       WINDOW back AS (ORDER BY xid DESC, slot DESC, number DESC, seq DESC ROWS UNBOUNDED PRECEDING)) summed
     WHERE lines > $3 OR bytes > $4
     ORDER BY summed.xid DESC, slot DESC, number DESC, seq DESC LIMIT 1`,
    [runId, most.step ?? null, most.lines, most.bytes, most.raw],
  );
  return result.rows[0];
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

/**
 * One line behind the stored log of an attempt. Its number is the next: the attempt has ended, so nobody but the process
 * that had it writes into its log, one line at a time.
 */
export async function insertLateLine(
  pool: Pool,
  row: Omit<Parameters<typeof insertLogSegments>[1][number], "seq">,
): Promise<void> {
  await pool.query(
    `INSERT INTO log_segments (run_id, slot, number, seq, stream, at, text)
     SELECT $1, $2, $3, coalesce(max(seq), 0) + 1, $4, $5, $6
     FROM log_segments WHERE run_id = $1 AND slot = $2 AND number = $3`,
    [row.runId, row.slot, row.number, row.stream, row.at, row.text],
  );
}
