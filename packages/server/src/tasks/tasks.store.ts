import type { ClientBase, Pool } from "pg";
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

/** Of one by its id or its ref. */
export async function findTask(pool: Pool, name: string): Promise<TaskRow | undefined> {
  const { rows } = await pool.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks t WHERE NOT withdrawn AND (t.ref = $1 OR t.id::text = lower($1))`,
    [name],
  );
  return rows[0];
}

export interface TaskFilter {
  readonly status?: TaskRow["status"] | undefined;
  readonly kind?: string | undefined;
  readonly createdBy?: string | undefined;
  /** Part of a title or a ref. */
  readonly q?: string | undefined;
  /** The last of the page before. */
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
}

/** Newest first; ids are in the order in which tasks were made. */
export async function listTasks(pool: Pool, filter: TaskFilter): Promise<TaskRow[]> {
  const { rows } = await pool.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks t
     WHERE NOT withdrawn AND ($1::text IS NULL OR t.status = $1) AND ($2::text IS NULL OR t.schedule ->> 'kind' = $2)
       AND ($3::text IS NULL OR t.created_by = $3)
       AND ($4::text IS NULL OR strpos(lower(t.title || ' ' || coalesce(t.ref, '')), lower($4)) > 0)
       AND ($5::uuid IS NULL OR t.id < $5)
     ORDER BY t.id DESC LIMIT $6`,
    [filter.status, filter.kind, filter.createdBy, filter.q, filter.before, filter.limit],
  );
  return rows;
}

/** What people say of a task. */
export type SaidColumns = Pick<
  TaskRow,
  | "title"
  | "description"
  | "schedule"
  | "run"
  | "input"
  | "misfire_policy"
  | "misfire_grace_ms"
  | "catchup_limit"
>;

function saidValues(said: SaidColumns): unknown[] {
  return [
    ...[said.title, said.description, JSON.stringify(said.schedule), said.run],
    ...[JSON.stringify(said.input), said.misfire_policy, said.misfire_grace_ms, said.catchup_limit],
  ];
}

export async function insertTask(
  client: ClientBase,
  said: SaidColumns,
  made: Pick<TaskRow, "id" | "anchor" | "created_by" | "zone_rules" | "next_run">,
): Promise<TaskRow> {
  const { rows } = await client.query<TaskRow>(
    `INSERT INTO tasks AS t (id, anchor, created_by, zone_rules, next_run, status, title, description, schedule, run, input,
       misfire_policy, misfire_grace_ms, catchup_limit)
     VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, $10, $11, $12, $13) RETURNING ${TASK_COLUMNS}`,
    [made.id, made.anchor, made.created_by, made.zone_rules, made.next_run, ...saidValues(said)],
  );
  return rows[0] as TaskRow;
}

/** Under the lock of the row. */
export async function changeTask(
  client: ClientBase,
  id: string,
  said: SaidColumns,
  due: Pick<TaskRow, "next_run" | "snoozed_from">,
): Promise<TaskRow> {
  const { rows } = await client.query<TaskRow>(
    `UPDATE tasks t SET next_run = $2, snoozed_from = $3, title = $4, description = $5, schedule = $6, run = $7, input = $8,
       misfire_policy = $9, misfire_grace_ms = $10, catchup_limit = $11, claimed_until = NULL,
       version = version + 1, updated_at = clock_timestamp()
     WHERE id = $1 RETURNING ${TASK_COLUMNS}`,
    [id, due.next_run, due.snoozed_from, ...saidValues(said)],
  );
  return rows[0] as TaskRow;
}

export async function deleteTask(client: ClientBase, id: string): Promise<void> {
  await client.query("DELETE FROM tasks WHERE id = $1", [id]);
}

/** Locks tasks that were worked out by other rules of time zones, to the end of the transaction, by id, as fires do. */
export async function lockStaleZones(client: ClientBase, zoneRules: string): Promise<TaskRow[]> {
  const { rows } = await client.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.zone_rules <> $1 ORDER BY t.id FOR UPDATE`,
    [zoneRules],
  );
  return rows;
}

/** Under the lock. A fire that is planned by the old time is refused where that is another. */
export async function moveDue(
  client: ClientBase,
  due: { readonly id: string; readonly next: string | null; readonly zoneRules: string },
): Promise<void> {
  await client.query("UPDATE tasks SET next_run = $2, zone_rules = $3 WHERE id = $1", [
    due.id,
    due.next,
    due.zoneRules,
  ]);
}
