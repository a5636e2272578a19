import type { Pool } from "pg";

export async function emptyTables(pool: Pool): Promise<void> {
  await pool.query(
    "TRUNCATE sessions, runs, run_history, journal, dispatch, leases, timers, children, inquiries, queues, queue_keys, queue_starts RESTART IDENTITY",
  );
}

export async function expireSession(pool: Pool, id: string): Promise<void> {
  await pool.query(
    "UPDATE sessions SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1",
    [id],
  );
}

/** Times are left out: the two stores have clocks of their own. */
export async function dumpTables(pool: Pool): Promise<unknown> {
  const rows = async (sql: string): Promise<unknown[]> => (await pool.query(sql)).rows;
  return {
    sessions: await rows(`SELECT id, ended_at IS NOT NULL AS ended FROM sessions ORDER BY id`),
    runs: await rows(
      `SELECT id, version, canceling, paused_by, cancel_asked_by AS asked_by, instant_by FROM runs ORDER BY id`,
    ),
    history: await rows(`SELECT id, version, status, output, error FROM run_history ORDER BY id`),
    journal: await rows(
      `SELECT run_id, version, op_id, events, decisions FROM journal ORDER BY run_id, version`,
    ),
    dispatch: await rows(
      `SELECT run_id, slot, number, state, runner, queue, key, due_at IS NOT NULL AS due
       FROM dispatch ORDER BY run_id, slot COLLATE "C", number`,
    ),
    leases: await rows(
      `SELECT run_id, slot, number, queue, key, session_id, claim_id
       FROM leases ORDER BY run_id, slot COLLATE "C", number`,
    ),
    children: await rows(
      `SELECT child_id, parent_id, slot, number, state FROM children ORDER BY child_id`,
    ),
    timers: await rows(
      `SELECT run_id, slot, number FROM timers ORDER BY run_id, slot COLLATE "C", number`,
    ),
    inquiries: await rows(
      `SELECT run_id, slot, number, id, status, question, assigned_to, expires_at IS NOT NULL AS timed, answer, answered_by
       FROM inquiries ORDER BY run_id, slot COLLATE "C", number`,
    ),
    lines: await rows(`SELECT queue, key, run_id FROM queue_keys ORDER BY position`),
    starts: await rows("SELECT queue, starts FROM queue_starts ORDER BY queue, at"),
    held: await rows("SELECT name FROM queues WHERE next_start_at IS NOT NULL ORDER BY name"),
  };
}

/** Statements of this database that wait for a lock of another. */
export async function blockedStatements(pool: Pool): Promise<number> {
  const { rows } = await pool.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
}
