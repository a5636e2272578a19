import type pg from "pg";

/** Longer than any way there and back that we could work over. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Which of the backends work on a statement, and who is asked. Locks nothing. One that waits for its client has
 * done its part: its answer, or the rest of what it was sent, does not get through.
 */
export async function busyBackends(
  client: pg.Client,
  backends: readonly number[],
): Promise<{ readonly own: number; readonly busy: readonly number[] }> {
  const query: pg.QueryConfig & { query_timeout: number } = {
    text: `SELECT pg_backend_pid() AS own, array(
      SELECT pid FROM pg_stat_activity
      WHERE pid = ANY($1) AND state IN ('active', 'fastpath function call')
        AND wait_event_type IS DISTINCT FROM 'Client') AS busy`,
    values: [backends],
    query_timeout: ANSWER_WITHIN_MS,
  };
  const { rows } = await client.query<{ own: number; busy: number[] }>(query);
  return rows[0] as { own: number; busy: number[] };
}
