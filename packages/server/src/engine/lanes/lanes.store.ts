import type { LaneRate } from "@yardmaster/kernel";
import type { Pool } from "pg";
import { byTurn } from "../worker/turn.store.ts";

/** A queue as it stands: its limits, what waits and runs in it, and what is admitted next. */
export interface LaneStatus {
  readonly name: string;
  readonly concurrency: number | null;
  readonly keyConcurrency: number | null;
  readonly fifo: boolean;
  readonly rate: LaneRate | null;
  /** While its rate is used up: when it starts attempts again. */
  readonly nextStartAt: string | null;
  readonly pausedBy: string | null;
  /** Those of runs that are paused included. */
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  /** First of those that are ready, in the order of admission; in a FIFO queue it may stand behind its key's holder. */
  readonly next: WaitingAttempt | null;
}

export interface WaitingAttempt {
  readonly run_id: string;
  readonly slot: string;
  readonly number: number;
  readonly key: string | null;
  readonly priority: number;
}

export interface RunningAttempt {
  readonly run_id: string;
  readonly slot: string;
  readonly number: number;
  readonly key: string | null;
  readonly leased_at: string;
  readonly session_id: string;
  /** What the node is called that has it. */
  readonly node: string | null;
}

/** The line before one key of a FIFO queue. */
export interface KeyLine {
  readonly key: string;
  /** The run at its head: it holds the key until it is final. */
  readonly holder: string;
  /** Runs that stand in the line, the holder included. */
  readonly runs: number;
}

const WAITS = "d.state = 'ready' AND d.queue = q.name AND d.queue <> ''";
/** The first of those that wait in the lane `q`: of each runner by its index, and of these. */
const firstOf = (limit: string): string => `WITH RECURSIVE of AS (
    (SELECT d.runner FROM dispatch d WHERE ${WAITS} ORDER BY d.runner LIMIT 1)
    UNION ALL
    SELECT next.runner FROM of CROSS JOIN LATERAL (
      SELECT d.runner FROM dispatch d WHERE ${WAITS} AND d.runner > of.runner ORDER BY d.runner LIMIT 1) next
  ) SELECT d.run_id, d.slot, d.number, d.key, d.priority FROM of CROSS JOIN LATERAL (
      SELECT d.* FROM dispatch d WHERE ${WAITS} AND d.runner = of.runner ORDER BY ${byTurn("d")} LIMIT ${limit}) d
  ORDER BY ${byTurn("d")} LIMIT ${limit}`;

/** Every queue that has a row, or the one that is named. Reads only; the counts are of one snapshot. */
export async function selectLanes(pool: Pool, name?: string): Promise<LaneStatus[]> {
  const result = await pool.query<LaneStatus>(
    `SELECT q.name, q.concurrency, q.key_concurrency AS "keyConcurrency", q.fifo, q.paused_by AS "pausedBy",
       CASE WHEN q.rate_starts IS NOT NULL THEN json_build_object('starts', q.rate_starts, 'perMs', q.rate_per_ms) END AS rate,
       CASE WHEN q.next_start_at > clock_timestamp() THEN q.next_start_at END AS "nextStartAt",
       (SELECT count(*)::int FROM dispatch d WHERE ${WAITS})
         + (SELECT count(*)::int FROM dispatch d WHERE d.state = 'paused' AND d.queue = q.name AND d.queue <> '') AS ready,
       (SELECT count(*)::int FROM dispatch d WHERE d.state = 'delayed' AND d.queue = q.name) AS delayed,
       (SELECT count(*)::int FROM leases l WHERE l.queue = q.name AND l.queue <> '') AS leased,
       (SELECT row_to_json(next) FROM (${firstOf("1")}) next) AS next
     FROM queues q WHERE $1::text IS NULL OR q.name = $1 ORDER BY q.name`,
    [name ?? null],
  );
  return result.rows;
}

/** The first of those that wait in a queue, in the order of admission. */
export async function selectWaiting(
  pool: Pool,
  queue: string,
  limit: number,
): Promise<WaitingAttempt[]> {
  const result = await pool.query<WaitingAttempt>(
    `WITH q AS (SELECT $1::text AS name) SELECT next.* FROM q, LATERAL (${firstOf("$2")}) next`,
    [queue, limit],
  );
  return result.rows;
}

/** What runs in a queue, the longest first. */
export async function selectRunning(
  pool: Pool,
  queue: string,
  limit: number,
): Promise<RunningAttempt[]> {
  const result = await pool.query<RunningAttempt>(
    `SELECT l.run_id, l.slot, l.number, l.key, l.leased_at, l.session_id, s.name AS node
     FROM leases l LEFT JOIN sessions s ON s.id = l.session_id
     WHERE l.queue = $1 AND l.queue <> '' ORDER BY l.leased_at, l.run_id, l.slot LIMIT $2`,
    [queue, limit],
  );
  return result.rows;
}

/**
 * The lines of a FIFO queue, the longest first. Of others there is none: whoever came first holds no key of theirs,
 * though places are kept for them too, lest the order be lost where a queue becomes FIFO.
 */
export async function selectKeyLines(pool: Pool, queue: string, limit: number): Promise<KeyLine[]> {
  const result = await pool.query<KeyLine>(
    `SELECT key, (array_agg(run_id ORDER BY position))[1] AS holder, count(*)::int AS runs
     FROM queue_keys WHERE queue = (SELECT name FROM queues WHERE name = $1 AND fifo)
     GROUP BY key ORDER BY count(*) DESC, key LIMIT $2`,
    [queue, limit],
  );
  return result.rows;
}
