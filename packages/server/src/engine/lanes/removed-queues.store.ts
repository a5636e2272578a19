import type { Pool } from "pg";

/**
 * How long a queue must have been declared by nobody. A process takes up what another has activated within seconds: what
 * it began by the packs before is in its rows by then.
 */
const REMOVED_FOR = "interval '1 minute'";

/**
 * Notes which queues are declared no longer, and of which that is over; names those that have been removed for so long
 * that they may go. Only rows that change are locked.
 */
export async function markRemoved(pool: Pool, declared: readonly string[]): Promise<string[]> {
  await pool.query(
    `UPDATE queues SET removed_at = CASE WHEN name = ANY($1) THEN NULL ELSE clock_timestamp() END
     WHERE (removed_at IS NULL) <> (name = ANY($1))`,
    [declared],
  );
  const result = await pool.query<{ name: string }>(
    `SELECT name FROM queues WHERE removed_at < clock_timestamp() - ${REMOVED_FOR} ORDER BY name`,
  );
  return result.rows.map(({ name }) => name);
}

/**
 * Deletes a removed queue in which nothing waits, runs or stands in line, to which no live run can come (those of
 * `digests`, the packs that declare it), and whose rate counts no start any more. False where one of these holds it.
 * One that is declared again meanwhile is not removed any more, as its row says once it is locked.
 */
export async function deleteRemoved(
  pool: Pool,
  name: string,
  digests: readonly string[],
): Promise<boolean> {
  const result = await pool.query(
    `WITH gone AS (
       DELETE FROM queues q WHERE name = $1 AND removed_at < clock_timestamp() - ${REMOVED_FOR}
         AND NOT EXISTS (SELECT FROM dispatch d WHERE d.state = 'ready' AND d.queue = $1 AND d.queue <> '')
         AND NOT EXISTS (SELECT FROM dispatch d WHERE d.state = 'paused' AND d.queue = $1 AND d.queue <> '')
         AND NOT EXISTS (SELECT FROM dispatch d WHERE d.state = 'delayed' AND d.queue = $1)
         AND NOT EXISTS (SELECT FROM leases l WHERE l.queue = $1 AND l.queue <> '')
         AND NOT EXISTS (SELECT FROM queue_keys k WHERE k.queue = $1)
         AND NOT EXISTS (SELECT FROM queue_starts s WHERE s.queue = $1
                         AND s.at > clock_timestamp() - q.rate_per_ms * interval '1 millisecond')
         AND NOT EXISTS (SELECT FROM runs r WHERE r.pack_digest = ANY($2))
       RETURNING name
     ), starts AS (DELETE FROM queue_starts s USING gone WHERE s.queue = gone.name)
     SELECT name FROM gone`,
    [name, digests],
  );
  return result.rowCount === 1;
}
