import type { Json, SensorExit, SensorStatus } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

/** What is known of a sensor beside its definition. */
export interface SensorRow {
  readonly ref: string;
  readonly fence: number;
  /** The session of the worker that has it; that may have ended. */
  readonly session: string | null;
  readonly status: SensorStatus;
  readonly reason: string;
  readonly paused_by: string | null;
  readonly restarts: number;
  readonly pid: number | null;
  readonly started_at: string | null;
  readonly failures: number;
  readonly alerted: boolean;
  readonly last_exit: SensorExit | null;
  readonly next_start_at: string | null;
  readonly stored: number;
  readonly refused: number;
  readonly last_event_at: string | null;
  readonly cursor: Json;
}

const COLUMNS = `ref, fence, session_id AS session, status, reason, paused_by, restarts, pid, started_at, failures,
  alerted, last_exit, next_start_at, stored, refused, last_event_at, cursor`;

/** Those of these refs that have a row; all without refs. By ref. */
export async function readSensors(pool: Pool, refs?: readonly string[]): Promise<SensorRow[]> {
  const { rows } = await pool.query<SensorRow>({
    name: "sensors_read",
    text: `SELECT ${COLUMNS} FROM sensors WHERE $1::text[] IS NULL OR ref = ANY ($1) ORDER BY ref`,
    values: [refs ?? null],
  });
  return rows;
}

/** Sensors that a worker has, or had when it died: their statuses alone. For the metrics. */
export async function countStatuses(pool: Pool): Promise<ReadonlyMap<SensorStatus, number>> {
  const { rows } = await pool.query<{ status: SensorStatus; count: number }>(
    "SELECT status, count(*)::int AS count FROM sensors GROUP BY status",
  );
  return new Map(rows.map(({ status, count }) => [status, count]));
}

export async function addSensors(pool: Pool, refs: readonly string[]): Promise<void> {
  await pool.query(
    "INSERT INTO sensors (ref) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING",
    [refs],
  );
}

export interface Claim {
  readonly ref: string;
  /** Of the worker that takes it. */
  readonly session: string;
  /** Who was seen to have it: nobody, this worker, or a session that has ended, which never comes back. */
  readonly seen: string | null;
  /** Of the definitions by which it is wanted. */
  readonly revision: number;
  readonly reason: string;
  /** What failed before counts no longer. */
  readonly isFresh: boolean;
}

export interface Claimed {
  readonly fence: number;
  readonly cursor: Json;
  readonly failures: number;
  readonly alerted: boolean;
  readonly restarts: number;
}

/**
 * Takes a sensor, with a fence that none had before: whatever an earlier process of it still sends is refused from then
 * on, also of one that stood in a row that was removed since. Of two
 * workers that saw the same one is first, by the lock of the row; the other finds another session there. Undefined too
 * where the definitions have changed, somebody has paused it, or it is not yet to be started again.
 */
export async function claimSensor(
  pool: Pool,
  { ref, session, seen, revision, reason, isFresh }: Claim,
): Promise<Claimed | undefined> {
  const { rows } = await pool.query<Claimed>(
    `UPDATE sensors SET fence = greatest(fence + 1, nextval('sensor_fences')), lines = 0, session_id = $2, status = 'starting', reason = $5,
       pid = NULL, started_at = NULL, next_start_at = NULL,
       failures = CASE WHEN $6 THEN 0 ELSE failures END, alerted = alerted AND NOT $6
     WHERE ref = $1 AND session_id IS NOT DISTINCT FROM $3::uuid AND paused_by IS NULL
       AND (session_id = $2 OR next_start_at IS NULL OR next_start_at <= clock_timestamp())
       AND EXISTS (SELECT FROM definition_revision WHERE revision = $4)
     RETURNING fence, cursor, failures, alerted, restarts`,
    [ref, session, seen, revision, reason, isFresh],
  );
  return rows[0];
}

/** The process of a sensor: what is written of it holds only while it is the newest one. */
export interface Fenced {
  readonly ref: string;
  readonly fence: number;
}

export async function noteRunning(
  pool: Pool,
  { ref, fence }: Fenced,
  { pid, reason }: { readonly pid: number; readonly reason: string },
): Promise<void> {
  await pool.query(
    `UPDATE sensors SET status = 'running', reason = $4, pid = $3, started_at = clock_timestamp()
     WHERE ref = $1 AND fence = $2 AND status = 'starting'`,
    [ref, fence, pid, reason],
  );
}

/** It was told to stop. Its end may be written already, which stays. */
export async function noteStopping(pool: Pool, { ref, fence }: Fenced): Promise<void> {
  await pool.query(
    "UPDATE sensors SET status = 'stopping' WHERE ref = $1 AND fence = $2 AND status IN ('starting', 'running')",
    [ref, fence],
  );
}

/** It has run for so long that what failed before counts no longer. */
export async function noteRecovered(pool: Pool, { ref, fence }: Fenced): Promise<void> {
  await pool.query(
    "UPDATE sensors SET failures = 0, alerted = false WHERE ref = $1 AND fence = $2",
    [ref, fence],
  );
}

/** Nobody has it any more, and it is not to run. */
export async function releaseSensor(
  pool: Pool,
  { ref, fence }: Fenced,
  reason: string,
): Promise<void> {
  await pool.query(`${RELEASE} WHERE ref = $1 AND fence = $2`, [ref, fence, reason]);
}

/** The same of one whose worker is gone and that nobody takes over; not where somebody has. */
export async function settleSensor(
  pool: Pool,
  { ref, session }: Pick<SensorRow, "ref" | "session">,
  reason: string,
): Promise<void> {
  await pool.query(`${RELEASE} WHERE ref = $1 AND session_id = $2`, [ref, session, reason]);
}

const RELEASE = `UPDATE sensors SET session_id = NULL, status = 'stopped', reason = $3, pid = NULL,
  started_at = NULL, next_start_at = NULL`;

export interface FailedRun extends Fenced {
  readonly failures: number;
  readonly alerted: boolean;
  readonly exit: SensorExit;
  readonly reason: string;
  readonly againInMs: number;
}

/** Of each of these ends whether its process was still the newest. Rows are locked by ref; the same again changes nothing. */
export async function writeFailures(
  client: ClientBase,
  runs: readonly FailedRun[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ ref: string }>(
    `UPDATE sensors s SET status = 'backoff', reason = f.reason, pid = NULL, started_at = NULL,
       failures = f.failures, alerted = f.alerted, last_exit = f.exit,
       next_start_at = clock_timestamp() + f.again_ms * interval '1 millisecond'
     FROM (SELECT f.* FROM unnest($1::text[], $2::bigint[], $3::int[], $4::bool[], $5::json[], $6::text[], $7::float8[])
             AS f (ref, fence, failures, alerted, exit, reason, again_ms)
           JOIN sensors held ON held.ref = f.ref AND held.fence = f.fence AND held.session_id IS NOT NULL ORDER BY f.ref FOR UPDATE OF held) f
     WHERE s.ref = f.ref RETURNING s.ref`,
    [
      runs.map(({ ref }) => ref),
      runs.map(({ fence }) => fence),
      runs.map(({ failures }) => failures),
      runs.map(({ alerted }) => alerted),
      runs.map(({ exit }) => JSON.stringify(exit)),
      runs.map(({ reason }) => reason),
      runs.map(({ againInMs }) => againInMs),
    ],
  );
  return new Set(rows.map(({ ref }) => ref));
}

/** `by` null lets it go on. A sensor that nobody has had to do with yet gets its row. */
export async function pauseSensor(
  client: ClientBase,
  ref: string,
  by: string | null,
): Promise<void> {
  await client.query(
    `INSERT INTO sensors (ref, paused_by) VALUES ($1, $2)
     ON CONFLICT (ref) DO UPDATE SET paused_by = CASE WHEN $2::text IS NULL THEN NULL ELSE coalesce(sensors.paused_by, $2) END`,
    [ref, by],
  );
}

/** Whoever has it starts it anew; one that waits after a failure waits no longer. */
export async function askRestart(client: ClientBase, ref: string): Promise<void> {
  await client.query(
    `INSERT INTO sensors (ref, restarts) VALUES ($1, 1)
     ON CONFLICT (ref) DO UPDATE SET restarts = sensors.restarts + 1, next_start_at = NULL`,
    [ref],
  );
}

/**
 * Its place is gone, whoever has it starts it anew, and what failed counts no longer. The row's lock is held to the end
 * of the transaction: lines that are on their way come before it, or find that their process may not say the place.
 */
export async function resetSensor(client: ClientBase, ref: string): Promise<void> {
  await client.query(
    `INSERT INTO sensors (ref) VALUES ($1)
     ON CONFLICT (ref) DO UPDATE SET cursor = NULL, reset_fence = sensors.fence, restarts = sensors.restarts + 1,
       next_start_at = NULL, failures = 0, alerted = false`,
    [ref],
  );
}

/**
 * Removes all that is kept of a sensor. False: somebody has it, or what is declared has changed since it was seen. Its
 * row goes first: whoever appends to its log or takes it meanwhile holds the row's lock, and is waited for, so that the
 * second statement sees every line. Both in one transaction.
 */
export async function forgetSensor(
  client: ClientBase,
  { ref, seen, revision }: Pick<Claim, "ref" | "seen" | "revision">,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `DELETE FROM sensors WHERE ref = $1 AND session_id IS NOT DISTINCT FROM $2::uuid
       AND EXISTS (SELECT FROM definition_revision WHERE revision = $3)`,
    [ref, seen, revision],
  );
  if (rowCount === 0) return false;
  await client.query("DELETE FROM sensor_logs WHERE ref = $1", [ref]);
  return true;
}
