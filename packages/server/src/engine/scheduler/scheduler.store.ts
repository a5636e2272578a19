import type { Pool } from "pg";
import type { Database } from "../../db/index.ts";
import type { AttemptRow } from "../attempt-row.ts";
import { AT_REST, TO_CANCEL, TO_PAUSE, TO_RESUME } from "../children/children.store.ts";
import { createRecoveryStore, type RecoveryStore } from "./recovery.store.ts";

type Transactions = Pick<Database, "withTransaction">;

/** What the scheduler finds to do, in one query: an idle system asks every 1.5 s and no more. */
export interface Outlook {
  /** Milliseconds until the next timer or delayed attempt is due; null when there is none, 0 or less when one is. */
  readonly dueInMs: number | null;
  readonly ready: boolean;
  readonly lost: boolean;
  readonly stopped: boolean;
  /** Whether a cancel was asked of a process that does not have the run's definition. */
  readonly asked: boolean;
  /** Whether runs that are steps of others are to be seen to. */
  readonly children: boolean;
  readonly expired: boolean;
  /** Living sessions of this machine but this one: their processes can be looked at directly. */
  readonly neighbours: readonly {
    readonly id: string;
    readonly pid: number;
    readonly processStart: string;
  }[];
  /** Living processes besides this one, anywhere. */
  readonly others: number;
  /** Whether one of them is of another version. */
  readonly otherBuilds: boolean;
}

export async function readOutlook(pool: Pool, own: string, host: string): Promise<Outlook> {
  const result = await pool.query<Outlook>({
    name: "engine_outlook",
    text: `SELECT
      (extract(epoch FROM least((SELECT min(due_at) FROM timers),
                                (SELECT min(due_at) FROM dispatch WHERE state = 'delayed')) - clock_timestamp()) * 1000)::float8
        AS "dueInMs",
      EXISTS (SELECT FROM dispatch WHERE state = 'ready' AND queue = '')
        OR EXISTS (SELECT FROM dispatch WHERE state = 'ready' AND queue <> '') AS ready,
      EXISTS (SELECT FROM sessions s WHERE NOT s.swept AND s.ended_at IS NOT NULL
              AND (EXISTS (SELECT FROM leases l WHERE l.session_id = s.id)
                   OR EXISTS (SELECT FROM runs r WHERE r.instant_by = s.id))) AS lost,
      EXISTS (SELECT FROM runs r JOIN dispatch d ON d.run_id = r.id WHERE r.canceling) AS stopped,
      EXISTS (SELECT FROM runs WHERE cancel_asked_at IS NOT NULL) AS asked,
      EXISTS (SELECT ${AT_REST}) OR EXISTS (SELECT ${TO_CANCEL}) OR EXISTS (SELECT ${TO_PAUSE})
        OR EXISTS (SELECT ${TO_RESUME}) AS children,
      EXISTS (SELECT FROM sessions WHERE ended_at IS NULL AND expires_at < clock_timestamp()) AS expired,
      coalesce((SELECT json_agg(json_build_object('id', id, 'pid', pid, 'processStart', process_start))
                FROM sessions WHERE ended_at IS NULL AND host = $2 AND id <> $1), '[]') AS neighbours,
      (SELECT count(*)::int FROM sessions WHERE ended_at IS NULL AND id <> $1 AND roles <> '{node}') AS others,
      EXISTS (SELECT FROM sessions WHERE ended_at IS NULL AND id <> $1 AND roles <> '{node}'
              AND version IS DISTINCT FROM (SELECT version FROM sessions WHERE id = $1)) AS "otherBuilds"`,
    values: [own, host],
  });
  return result.rows[0] as Outlook;
}

/** Due timers. Nothing is locked: whoever advances the run first deletes the row, others come late. */
export async function dueTimers(pool: Pool, limit: number): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `SELECT run_id AS "runId", slot, number FROM timers WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $1`,
    [limit],
  );
  return result.rows;
}

/**
 * Lets timers come due later that nobody could be told of, so that they neither keep the scan busy nor stand before
 * others. One that was put off, or taken, meanwhile stays as it is.
 */
export async function putOffTimers(
  pool: Pool,
  rows: readonly AttemptRow[],
  delayMs: number,
): Promise<void> {
  await pool.query(
    `UPDATE timers t SET due_at = clock_timestamp() + $4 * interval '1 millisecond'
     FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[]) AS late (run_id, slot, number)) late
     WHERE t.run_id = late.run_id AND t.slot = late.slot AND t.number = late.number AND t.due_at <= clock_timestamp()`,
    [
      rows.map((row) => row.runId),
      rows.map((row) => row.slot),
      rows.map((row) => row.number),
      delayMs,
    ],
  );
}

/**
 * Makes delayed attempts that are due ready, or `paused` where their run is; skips rows that another scheduler is at.
 * Says how many are ready. The run may be resumed while the first statement is under way: by its snapshot it is paused
 * still, and the rows were `delayed` when the resuming advance passed. So those are looked at again, by a snapshot that is
 * taken while they are locked.
 */
export async function readyDelayed(database: Transactions, limit: number): Promise<number> {
  return await database.withTransaction(async (client) => {
    const { rows } = await client.query<AttemptRow & { isPaused: boolean }>(
      `UPDATE dispatch d SET due_at = NULL, ready_at = clock_timestamp(),
         state = CASE WHEN (SELECT r.paused_by FROM runs r WHERE r.id = d.run_id) IS NULL THEN 'ready' ELSE 'paused' END
       FROM (SELECT run_id, slot, number FROM dispatch WHERE state = 'delayed' AND due_at <= clock_timestamp()
             ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) due
       WHERE d.run_id = due.run_id AND d.slot = due.slot AND d.number = due.number
       RETURNING d.run_id AS "runId", d.slot, d.number, d.state = 'paused' AS "isPaused"`,
      [limit],
    );
    const paused = rows.filter(({ isPaused }) => isPaused);
    if (paused.length === 0) return rows.length;
    const resumed = await client.query(
      `UPDATE dispatch d SET state = 'ready'
       FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[]) AS p (run_id, slot, number)) p
       WHERE d.run_id = p.run_id AND d.slot = p.slot AND d.number = p.number
         AND (SELECT r.paused_by FROM runs r WHERE r.id = p.run_id) IS NULL`,
      [
        paused.map(({ runId }) => runId),
        paused.map(({ slot }) => slot),
        paused.map(({ number }) => number),
      ],
    );
    return rows.length - paused.length + (resumed.rowCount ?? 0);
  });
}

/**
 * Takes back what is `paused` though its run goes on: a build of before that state, which may run beside this one, leaves
 * it so. Says how many there were.
 */
export async function readyResumed(pool: Pool, limit: number): Promise<number> {
  const result = await pool.query(
    `UPDATE dispatch d SET state = 'ready', ready_at = clock_timestamp()
     FROM (SELECT p.run_id, p.slot, p.number FROM dispatch p
           WHERE p.state = 'paused' AND (SELECT r.paused_by IS NULL FROM runs r WHERE r.id = p.run_id)
           LIMIT $1 FOR UPDATE SKIP LOCKED) left_over
     WHERE d.run_id = left_over.run_id AND d.slot = left_over.slot AND d.number = left_over.number`,
    [limit],
  );
  return result.rowCount ?? 0;
}

/** Attempts of runs that are being canceled that no worker has. */
export async function stoppedAttempts(
  pool: Pool,
  limit: number,
  without: readonly string[],
): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `SELECT d.run_id AS "runId", d.slot, d.number FROM runs r JOIN dispatch d ON d.run_id = r.id WHERE r.canceling AND r.id <> ALL($2::uuid[]) LIMIT $1`,
    [limit, without],
  );
  return result.rows;
}

/**
 * Attempts of this session whose runs are being canceled; and of those whose cancel was asked of who does not have the
 * definition, once those who have it have had the time to cancel them in order.
 */
export async function stopsForSession(pool: Pool, sessionId: string): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `SELECT l.run_id AS "runId", l.slot, l.number FROM runs r JOIN leases l ON l.run_id = r.id
     WHERE l.session_id = $1 AND (r.canceling OR r.cancel_asked_at < clock_timestamp() - interval '5 seconds')`,
    [sessionId],
  );
  return result.rows;
}

/** What the scheduler asks of the store. */
export interface SchedulerStore extends RecoveryStore {
  readOutlook(own: string, host: string): Promise<Outlook>;
  dueTimers(limit: number): Promise<AttemptRow[]>;
  putOffTimers(rows: readonly AttemptRow[], delayMs: number): Promise<void>;
  readyDelayed(limit: number): Promise<number>;
  readyResumed(limit: number): Promise<number>;
  stoppedAttempts(limit: number, without: readonly string[]): Promise<AttemptRow[]>;
}

export function createSchedulerStore(
  database: Transactions & { readonly pool: Pool },
): SchedulerStore {
  const { pool } = database;
  return {
    ...createRecoveryStore(pool),
    readOutlook: (own, host) => readOutlook(pool, own, host),
    dueTimers: (limit) => dueTimers(pool, limit),
    putOffTimers: (rows, delayMs) => putOffTimers(pool, rows, delayMs),
    readyDelayed: (limit) => readyDelayed(database, limit),
    readyResumed: (limit) => readyResumed(pool, limit),
    stoppedAttempts: (limit, without) => stoppedAttempts(pool, limit, without),
  };
}
