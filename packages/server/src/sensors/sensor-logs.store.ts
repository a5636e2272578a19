import type { SensorLogLine, SensorLogStream } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

/** Kept of the log of one sensor; what is older goes first. */
export const MAX_LOG_BYTES = 4 * 1024 * 1024;
/** Down to so much, so that not every line that is written deletes one. */
const CUT_TO_BYTES = 3 * 1024 * 1024;
/** What a line counts beside its text. */
const LINE_BYTES = 48;

export interface WrittenLine {
  readonly at: Date;
  readonly stream: SensorLogStream;
  readonly text: string;
}

/**
 * Appends to the log of a sensor and counts the lines that were refused. The row's lock is held to the end of the
 * statement, so that numbers become visible in their order: who follows the log misses none.
 */
export async function appendLog(
  pool: Pool | ClientBase,
  ref: string,
  { lines, refused }: { readonly lines: readonly WrittenLine[]; readonly refused: number },
): Promise<void> {
  const bytes = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text) + LINE_BYTES, 0);
  const { rows } = await pool.query<{ log_bytes: number }>({
    name: "sensors_append_log",
    text: `WITH s AS (
             UPDATE sensors SET log_seq = log_seq + $2, refused = refused + $3, log_bytes = log_bytes + $4
             WHERE ref = $1 RETURNING log_seq, log_bytes),
           written AS (
             INSERT INTO sensor_logs (ref, seq, at, stream, text)
             SELECT $1, s.log_seq - $2 + l.place, l.at, l.stream, l.text
             FROM s, unnest($5::timestamptz[], $6::text[], $7::text[]) WITH ORDINALITY AS l (at, stream, text, place))
           SELECT log_bytes FROM s`,
    values: [
      ...[ref, lines.length, refused, bytes],
      lines.map(({ at }) => at),
      lines.map(({ stream }) => stream),
      lines.map(({ text }) => text),
    ],
  });
  if ((rows[0]?.log_bytes ?? 0) > MAX_LOG_BYTES) await cutLog(pool, ref);
}

/** Deletes the oldest lines; who appends meanwhile waits for the row. */
async function cutLog(pool: Pool | ClientBase, ref: string): Promise<void> {
  await pool.query(
    `WITH held AS (SELECT ref FROM sensors WHERE ref = $1 FOR UPDATE),
     summed AS (
       SELECT seq, sum(octet_length(text) + ${LINE_BYTES}) OVER (ORDER BY seq DESC) AS bytes
       FROM sensor_logs WHERE ref = (SELECT ref FROM held)),
     gone AS (
       DELETE FROM sensor_logs WHERE ref = $1 AND seq <= (SELECT max(seq) FROM summed WHERE bytes > $2))
     UPDATE sensors SET log_bytes = coalesce((SELECT max(bytes) FROM summed WHERE bytes <= $2), 0) WHERE ref = $1`,
    [ref, CUT_TO_BYTES],
  );
}

/** Behind a line, the oldest first. */
export async function selectLog(
  pool: Pool,
  ref: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<SensorLogLine[]> {
  const { rows } = await pool.query<SensorLogLine>(
    "SELECT seq, at, stream, text FROM sensor_logs WHERE ref = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    [ref, after, limit],
  );
  return rows;
}

/** The line behind which a tail of so many begins. */
export async function tailStart(pool: Pool, ref: string, lines: number): Promise<number> {
  const { rows } = await pool.query<{ seq: number }>(
    "SELECT seq FROM sensor_logs WHERE ref = $1 ORDER BY seq DESC OFFSET $2 LIMIT 1",
    [ref, lines],
  );
  return rows[0]?.seq ?? 0;
}

/** Lines of logs, a bounded batch of the oldest, with what they counted; locks the rows of their sensors by ref. */
export async function deleteOldSensorLogs(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const { rows } = await pool.query<{ lines: number }>(
    `WITH old AS (SELECT ref, seq FROM sensor_logs WHERE at < $1 ORDER BY at LIMIT $2),
     held AS (SELECT ref FROM sensors WHERE ref IN (SELECT ref FROM old) ORDER BY ref FOR UPDATE),
     gone AS (
       DELETE FROM sensor_logs l USING old WHERE l.ref = old.ref AND l.seq = old.seq
         AND l.ref IN (SELECT ref FROM held)
       RETURNING l.ref, octet_length(l.text) + ${LINE_BYTES} AS bytes),
     counted AS (
       UPDATE sensors s SET log_bytes = greatest(s.log_bytes - g.bytes, 0)
       FROM (SELECT ref, sum(bytes) AS bytes FROM gone GROUP BY ref) g WHERE s.ref = g.ref)
     SELECT count(*)::int AS lines FROM gone`,
    [before, limit],
  );
  return rows[0]?.lines ?? 0;
}
