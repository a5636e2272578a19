import type { Pool } from "pg";

/**
 * The run that a run is a step of, or is a step of a step of, up to the one that is no step: itself, for most. A
 * parent that is not kept any more ends the way. Reads alone; a run's parent never changes.
 */
export async function rootOfRun(pool: Pool, runId: string): Promise<string> {
  const result = await pool.query<{ id: string }>(
    `WITH RECURSIVE up (id, depth) AS (
       SELECT $1::uuid, 0
       UNION ALL
       SELECT r.parent_id, up.depth + 1 FROM up JOIN LATERAL (
         SELECT parent_id FROM runs WHERE id = up.id UNION ALL SELECT parent_id FROM run_history WHERE id = up.id
       ) r ON r.parent_id IS NOT NULL)
     SELECT id FROM up ORDER BY depth DESC LIMIT 1`,
    [runId],
  );
  return result.rows[0]?.id ?? runId;
}

/** Of these runs, those that are neither live nor kept. */
export async function goneRuns(pool: Pool, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const result = await pool.query<{ id: string }>(
    `SELECT id FROM unnest($1::uuid[]) AS asked (id)
     WHERE NOT EXISTS (SELECT FROM runs r WHERE r.id = asked.id)
       AND NOT EXISTS (SELECT FROM run_history h WHERE h.id = asked.id)`,
    [ids],
  );
  return result.rows.map(({ id }) => id);
}

/** The nearest run that this one is a step of, by whatever many steps, and that somebody has paused. Reads alone. */
export async function pausedAncestor(pool: Pool, runId: string): Promise<string | undefined> {
  const result = await pool.query<{ id: string }>(
    `WITH RECURSIVE up (id, depth) AS (
       SELECT parent_id, 1 FROM runs WHERE id = $1
       UNION ALL
       SELECT r.parent_id, up.depth + 1 FROM up JOIN runs r ON r.id = up.id)
     SELECT r.id FROM up JOIN runs r ON r.id = up.id
     WHERE r.paused_by IS NOT NULL AND r.paused_by NOT LIKE 'run:%' ORDER BY up.depth LIMIT 1`,
    [runId],
  );
  return result.rows[0]?.id;
}
