import type { ClientBase } from "pg";
import type { TaskRow } from "./task-row.ts";

export const TASK_COLUMNS = `t.id, t.ref, t.digest, t.withdrawn, t.title, t.description, t.created_by, t.schedule, t.anchor,
  t.run, t.input, t.misfire_policy, t.misfire_grace_ms, t.catchup_limit, t.status, t.status_by, t.status_at, t.resume_at,
  t.next_run, t.snoozed_from, t.last_run, t.last_run_id, t.run_count, t.missed_count, t.failures, t.last_error,
  t.zone_rules, t.version, t.created_at, t.updated_at`;

/** Schedulers are told that something may be due earlier than they know, when the transaction commits. */
export async function tellSchedulers(client: ClientBase): Promise<void> {
  await client.query("NOTIFY yard_tasks");
}

/** The clock that decides what is due. */
export async function databaseNow(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ now: string }>("SELECT clock_timestamp() AS now");
  return Date.parse(rows[0]?.now ?? "");
}

/** Locks the row to the end of the transaction: changes of one task come one after the other, and none beside its fire. */
export async function lockTask(client: ClientBase, id: string): Promise<TaskRow | undefined> {
  const { rows } = await client.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.id = $1 FOR UPDATE`,
    [id],
  );
  return rows[0];
}

/** What a verb leaves in the row, under its lock. */
export interface Moved {
  readonly id: string;
  readonly status: TaskRow["status"];
  readonly statusBy: string | null;
  readonly resumeAt: string | null;
  readonly nextRun: string | null;
  readonly snoozedFrom: string | null;
}

export async function moveTask(client: ClientBase, moved: Moved): Promise<TaskRow> {
  const { rows } = await client.query<TaskRow>(
    `UPDATE tasks t SET status = $2, status_by = $3, resume_at = $4, next_run = $5, snoozed_from = $6,
       status_at = CASE WHEN status = $2 THEN status_at ELSE clock_timestamp() END,
       claimed_until = NULL, version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 RETURNING ${TASK_COLUMNS}`,
    [moved.id, moved.status, moved.statusBy, moved.resumeAt, moved.nextRun, moved.snoozedFrom],
  );
  return rows[0] as TaskRow;
}
