import type { LaneLimits } from "@yardmaster/kernel";
import type { Pool } from "pg";

export interface QueueLimits extends LaneLimits {
  readonly name: string;
}

/**
 * Sets what the lanes are. One that is declared no longer keeps its limits until it is deleted: runs that pin its pack may
 * come to it still.
 */
export async function upsertQueues(pool: Pool, queues: readonly QueueLimits[]): Promise<void> {
  await pool.query(
    `INSERT INTO queues (name, concurrency, key_concurrency, fifo, rate_starts, rate_per_ms)
     SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::bool[], $5::int[], $6::int[])
     ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, key_concurrency = excluded.key_concurrency,
       fifo = excluded.fifo, removed_at = NULL, rate_starts = excluded.rate_starts, rate_per_ms = excluded.rate_per_ms,
       -- Of another rate it is found out anew, from the same starts.
       next_start_at = CASE WHEN (queues.rate_starts, queues.rate_per_ms)
         IS NOT DISTINCT FROM (excluded.rate_starts, excluded.rate_per_ms) THEN queues.next_start_at END
     WHERE queues.removed_at IS NOT NULL OR (queues.concurrency, queues.key_concurrency, queues.fifo, queues.rate_starts, queues.rate_per_ms)
       IS DISTINCT FROM (excluded.concurrency, excluded.key_concurrency, excluded.fifo, excluded.rate_starts, excluded.rate_per_ms)`,
    [
      queues.map((queue) => queue.name),
      queues.map((queue) => queue.concurrency),
      queues.map((queue) => queue.keyConcurrency),
      queues.map((queue) => queue.fifo),
      queues.map((queue) => queue.rate?.starts ?? null),
      queues.map((queue) => queue.rate?.perMs ?? null),
    ],
  );
}

export interface QueueDepthView {
  readonly queue: string;
  /** Those of runs that are paused included. */
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  /** How long the one that is ready for longest has been so; null where none is. */
  readonly waitedMs: number | null;
}

/** Pauses a lane, or lets it go on (`by` null); false when there is no such lane. Locks its row, as admissions do. */
export async function pauseQueue(pool: Pool, name: string, by: string | null): Promise<boolean> {
  const result = await pool.query("UPDATE queues SET paused_by = $2 WHERE name = $1", [name, by]);
  return result.rowCount === 1;
}

/** What waits and runs, by lane. */
export async function selectQueueDepths(pool: Pool): Promise<QueueDepthView[]> {
  const result = await pool.query<QueueDepthView>(
    `SELECT queue, (count(*) FILTER (WHERE state IN ('ready', 'paused')))::int AS ready,
       (count(*) FILTER (WHERE state = 'delayed'))::int AS delayed, (count(*) FILTER (WHERE state = 'leased'))::int AS leased,
       greatest(extract(epoch FROM clock_timestamp() - min(ready_at) FILTER (WHERE state = 'ready')) * 1000, 0)::float8
         AS "waitedMs"
     FROM (SELECT queue, state, ready_at FROM dispatch UNION ALL SELECT queue, 'leased', NULL FROM leases) attempt
     GROUP BY queue ORDER BY queue`,
  );
  return result.rows;
}
