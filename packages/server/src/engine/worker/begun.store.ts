import type { Pool } from "pg";
import type { AttemptRow } from "../attempt-row.ts";

/**
 * Whether an attempt of the slot before this one was begun, as far as anybody knows: those that were given back before
 * that say so. Reads the whole journal of the run, for few: attempts after the first, of actions with a check.
 */
export async function wasBegunBefore(
  pool: Pool,
  { runId, slot, number }: AttemptRow,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM journal j CROSS JOIN LATERAL json_array_elements(j.events) AS e(event)
     WHERE j.run_id = $1 AND e.event ->> 'type' = 'attempt_ended' AND e.event ->> 'slot' = $2
       AND (e.event ->> 'number')::int < $3 AND e.event ->> 'begun' IS DISTINCT FROM 'false' LIMIT 1`,
    [runId, slot, number],
  );
  return rowCount === 1;
}
