import type { LaneRate } from "@yardmaster/kernel";
import type { Pool } from "pg";
import type { RestingWorker } from "./resting-workers.ts";

export interface DispatchView {
  readonly slot: string;
  readonly number: number;
  readonly state: "ready" | "delayed" | "paused" | "leased";
  /** A RunnerKind, or the target of nodes; empty for what is leased. */
  readonly runner: string;
  readonly queue: string;
  readonly key: string | null;
  readonly due_at: string | null;
  readonly leased_at: string | null;
  readonly session_id: string | null;
  /** Since when the process is gone that has it. */
  readonly gone_at: string | null;
  /** What the node is called that has it. */
  readonly node: string | null;
}

export async function selectDispatch(pool: Pool, runId: string): Promise<DispatchView[]> {
  const result = await pool.query<DispatchView>(
    `SELECT * FROM (
       SELECT slot, number, state, runner, queue, key, due_at, NULL::timestamptz AS leased_at, NULL::uuid AS session_id, NULL::timestamptz AS gone_at, NULL AS node
       FROM dispatch WHERE run_id = $1
       UNION ALL
       SELECT l.slot, l.number, 'leased', '', l.queue, l.key, NULL, l.leased_at, l.session_id,
         CASE WHEN s.ended_at IS NOT NULL OR s.expires_at < clock_timestamp() THEN least(s.ended_at, s.expires_at) END, s.name
       FROM leases l LEFT JOIN sessions s ON s.id = l.session_id WHERE l.run_id = $1) attempts
     ORDER BY split_part(slot, '#', 1), length(slot), slot, number`,
    [runId],
  );
  return result.rows;
}

export async function selectTimers(
  pool: Pool,
  runId: string,
): Promise<{ slot: string; due_at: string }[]> {
  const result = await pool.query<{ slot: string; due_at: string }>(
    "SELECT slot, due_at FROM timers WHERE run_id = $1 ORDER BY due_at",
    [runId],
  );
  return result.rows;
}

export interface LaneView {
  readonly concurrency: number | null;
  readonly key_concurrency: number | null;
  readonly fifo: boolean;
  readonly rate: LaneRate | null;
  /** While the rate is used up: when it starts attempts again. */
  readonly next_start_at: string | null;
  readonly paused_by: string | null;
  readonly leased: number;
  readonly ahead: number;
  /** The run at the head of the key's line, in a FIFO lane. */
  readonly head: string | null;
  /** How many live. */
  readonly workers: number;
  /** Those of them that rest from processes. */
  readonly resting: readonly RestingWorker[];
}

export async function selectLane(
  pool: Pool,
  runId: string,
  queue: string,
  key: string | null,
): Promise<LaneView | undefined> {
  const result = await pool.query<LaneView>(
    `SELECT q.concurrency, q.key_concurrency, q.fifo, q.paused_by,
       CASE WHEN q.rate_starts IS NOT NULL THEN json_build_object('starts', q.rate_starts, 'perMs', q.rate_per_ms) END AS rate,
       CASE WHEN q.next_start_at > clock_timestamp() THEN q.next_start_at END AS next_start_at,
       (SELECT count(*)::int FROM leases l WHERE l.queue = q.name AND l.queue <> '') AS leased,
       (SELECT count(*)::int FROM dispatch d WHERE d.state = 'ready' AND d.queue = q.name AND d.queue <> '' AND d.run_id < $1) AS ahead,
       (SELECT k.run_id::text FROM queue_keys k WHERE k.queue = q.name AND k.key = $3 ORDER BY k.position LIMIT 1) AS head,
       ${livingAs("worker")} AS workers, ${RESTING} AS resting
     FROM queues q WHERE q.name = $2`,
    [runId, queue, key],
  );
  return result.rows[0];
}

export type Line = Pick<LaneView, "ahead" | "workers" | "resting">;

/** How many ready attempts without a lane stand before this run's, how many workers live, and which of them rest. */
export async function selectLine(pool: Pool, runId: string): Promise<Line> {
  const result = await pool.query<Line>(
    `SELECT (SELECT count(*)::int FROM dispatch WHERE state = 'ready' AND queue = '' AND run_id < $1) AS ahead,
            ${livingAs("worker")} AS workers, ${RESTING} AS resting`,
    [runId],
  );
  return result.rows[0] ?? { ahead: 0, workers: 0, resting: [] };
}

/** Whether processes live, and none of them fires what is due and gives out again what is lost. */
export async function lacksScheduler(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ lacks: boolean }>(
    `SELECT ${livingAs("api")} > 0 AND ${livingAs("scheduler")} = 0 AS lacks`,
  );
  return rows[0]?.lacks === true;
}

type Role = "api" | "worker" | "scheduler";

function livingAs(role: Role): string {
  return `(SELECT count(*)::int FROM sessions WHERE ${livesAs(role)})`;
}

function livesAs(role: Role): string {
  return `ended_at IS NULL AND expires_at > clock_timestamp() AND '${role}' = ANY(roles)`;
}

const RESTING = `(SELECT coalesce(json_agg(json_build_object('id', id, 'host', host, 'resting', resting) ORDER BY created_at), '[]')
         FROM sessions WHERE ${livesAs("worker")} AND resting IS NOT NULL)`;

/** A run that is a step of another, while that waits for it. */
export interface ChildView {
  readonly slot: string;
  readonly child_id: string;
  readonly ref: string;
  /** Before that there is no such run yet. */
  readonly is_born: boolean;
}

/** The child runs that a run waits for, those of a step by the numbers of its items. */
export async function selectChildren(pool: Pool, runId: string): Promise<ChildView[]> {
  const result = await pool.query<ChildView>(
    "SELECT slot, child_id, ref, state <> 'new' AS is_born FROM children WHERE parent_id = $1 ORDER BY split_part(slot, '#', 1), length(slot), slot",
    [runId],
  );
  return result.rows;
}
