import type { Pool } from "pg";

/** Sets what the lanes are; lanes that are no longer defined lose their limits once nothing waits in them. */
export async function upsertQueues(
  pool: Pool,
  queues: readonly {
    name: string;
    concurrency: number | null;
    keyConcurrency: number | null;
    fifo: boolean;
  }[],
): Promise<void> {
  await pool.query(
    `INSERT INTO queues (name, concurrency, key_concurrency, fifo)
     SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::bool[])
     ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, key_concurrency = excluded.key_concurrency, fifo = excluded.fifo
     WHERE (queues.concurrency, queues.key_concurrency, queues.fifo)
       IS DISTINCT FROM (excluded.concurrency, excluded.key_concurrency, excluded.fifo)`,
    [
      queues.map((queue) => queue.name),
      queues.map((queue) => queue.concurrency),
      queues.map((queue) => queue.keyConcurrency),
      queues.map((queue) => queue.fifo),
    ],
  );
}

export interface QueueDepthView {
  readonly queue: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
}

/** Pauses a lane, or lets it go on (`by` null); false when there is no such lane. Locks its row, as admissions do. */
export async function pauseQueue(pool: Pool, name: string, by: string | null): Promise<boolean> {
  const result = await pool.query("UPDATE queues SET paused_by = $2 WHERE name = $1", [name, by]);
  return result.rowCount === 1;
}

/** What waits and runs, by lane. */
export async function selectQueueDepths(pool: Pool): Promise<QueueDepthView[]> {
  const result = await pool.query<QueueDepthView>(
    `SELECT queue, (count(*) FILTER (WHERE state = 'ready'))::int AS ready,
       (count(*) FILTER (WHERE state = 'delayed'))::int AS delayed, (count(*) FILTER (WHERE state = 'leased'))::int AS leased
     FROM (SELECT queue, state FROM dispatch UNION ALL SELECT queue, 'leased' FROM leases) attempt
     GROUP BY queue ORDER BY queue`,
  );
  return result.rows;
}
