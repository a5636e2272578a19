import type { Pool } from "pg";
import type { AttemptRow } from "../attempt-row.ts";
import { stopsForSession } from "../scheduler/scheduler.store.ts";

/*
 * Sessions of nodes, in the table of all sessions: what a node has leased is lost when its session ends, by the same
 * recovery. They are renewed by the process that holds the node's link, and live longer than those of processes: a
 * node may come back over another link, and goes on with its jobs meanwhile.
 */

export interface NodeSessionRow {
  readonly id: string;
  readonly nodeId: string;
  /** What the node is called now. */
  readonly name: string;
  readonly lifeMs: number;
}

const EXPIRY = (ms: string): string =>
  `clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;

/**
 * Opens a node's session and ends all others of it, in one statement: what they had leased is given out again, so the
 * node must have stopped it before.
 */
export async function openNodeSession(
  pool: Pool,
  { id, nodeId, name, lifeMs }: NodeSessionRow,
): Promise<void> {
  await pool.query(
    `WITH over AS (
       UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'its node began anew'
       WHERE host = 'node:' || $2::text AND ended_at IS NULL AND id <> $1
     )
     INSERT INTO sessions (id, host, name, pid, process_start, roles, owner, expires_at)
     VALUES ($1, 'node:' || $2::text, $4, 0, '', '{node}', false, ${EXPIRY("$3")}) ON CONFLICT (id) DO NOTHING`,
    [id, nodeId, lifeMs, name],
  );
}

/** Renews those that have not ended, and gives them. Locks their rows for a moment; nobody else writes them. */
export async function renewNodeSessions(
  pool: Pool,
  ids: readonly string[],
  lifeMs: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "engine_renew_nodes",
    text: `UPDATE sessions SET expires_at = ${EXPIRY("$2")} WHERE id = ANY($1::uuid[]) AND ended_at IS NULL RETURNING id`,
    values: [ids, lifeMs],
  });
  return rows.map((row) => row.id);
}

/** What the nodes were called that had these sessions; those of processes are left out. */
export async function nodeNames(
  pool: Pool,
  sessionIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (sessionIds.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; name: string }>(
    "SELECT id, name FROM sessions WHERE id = ANY($1::uuid[]) AND name IS NOT NULL",
    [sessionIds],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function endNodeSession(pool: Pool, id: string, reason: string): Promise<void> {
  await pool.query(
    "UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2 WHERE id = $1 AND ended_at IS NULL",
    [id, reason],
  );
}

/** A target that ready attempts wait for, and the lane that they wait in; "" without one. */
export interface WaitingTarget {
  readonly runner: string;
  readonly queue: string;
  /** Until the lane's rate has room again; 0 where it has. */
  readonly inMs: number;
}

/** Every target with ready attempts, by a loose scan of their own index, but those in lanes that are paused or full. */
export async function waitingTargets(pool: Pool): Promise<WaitingTarget[]> {
  const isTarget = "d.state = 'ready' AND d.runner >= 'node:' AND d.runner < 'node;'";
  const { rows } = await pool.query<WaitingTarget>({
    name: "engine_targets",
    text: `WITH RECURSIVE target AS (
       (SELECT d.runner, d.queue FROM dispatch d WHERE ${isTarget} ORDER BY d.runner, d.queue LIMIT 1)
       UNION ALL
       SELECT next.runner, next.queue FROM target CROSS JOIN LATERAL (
         SELECT d.runner, d.queue FROM dispatch d
         WHERE ${isTarget} AND (d.runner, d.queue) > (target.runner, target.queue)
         ORDER BY d.runner, d.queue LIMIT 1) next
     ), lane AS MATERIALIZED (
       SELECT q.name, coalesce(greatest(extract(epoch FROM q.next_start_at - clock_timestamp()) * 1000, 0), 0)::float8 AS in_ms,
         q.paused_by IS NOT NULL OR coalesce(q.concurrency
           <= (SELECT count(*) FROM leases l WHERE l.queue = q.name AND l.queue <> ''), false) AS is_shut
       FROM queues q WHERE q.name IN (SELECT queue FROM target)
     ) SELECT t.runner, t.queue, coalesce(l.in_ms, 0) AS "inMs" FROM target t LEFT JOIN lane l ON l.name = t.queue
     WHERE l.is_shut IS NOT TRUE`,
  });
  return rows;
}

/** What is asked of the store about the work of nodes. */
export interface NodeSessionStore {
  open(row: NodeSessionRow): Promise<void>;
  renew(ids: readonly string[], lifeMs: number): Promise<string[]>;
  end(id: string, reason: string): Promise<void>;
  waitingTargets(): Promise<WaitingTarget[]>;
  stops(sessionId: string): Promise<AttemptRow[]>;
}

export function createNodeSessionStore(pool: Pool): NodeSessionStore {
  return {
    open: (row) => openNodeSession(pool, row),
    renew: (ids, lifeMs) => renewNodeSessions(pool, ids, lifeMs),
    end: (id, reason) => endNodeSession(pool, id, reason),
    waitingTargets: () => waitingTargets(pool),
    stops: (sessionId) => stopsForSession(pool, sessionId),
  };
}
