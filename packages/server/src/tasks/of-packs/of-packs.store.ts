import type { ScheduleText } from "@yardmaster/kernel";
import type { ClientBase } from "pg";
import type { TaskRow } from "../task-row.ts";
import { TASK_COLUMNS } from "../tasks.store.ts";

/**
 * Whether the definitions are those of `revision`. Locks their row until the transaction ends, as an activation does: one
 * process after the other brings the tasks up to the packs, and none by packs that are in force no more.
 */
export async function lockDefinitions(client: ClientBase, revision: number): Promise<boolean> {
  const { rows } = await client.query<{ revision: number }>(
    "SELECT revision FROM definition_revision FOR NO KEY UPDATE",
  );
  return rows[0]?.revision === revision;
}

/** Locks them to the end of the transaction, by id, as fires do. */
export async function lockTasksOfPacks(client: ClientBase): Promise<TaskRow[]> {
  const { rows } = await client.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks t WHERE t.ref IS NOT NULL ORDER BY t.id FOR UPDATE`,
  );
  return rows;
}

/** What the files of a pack say of a task. */
export type PackTask = Pick<
  TaskRow,
  | "digest"
  | "title"
  | "description"
  | "run"
  | "misfire_policy"
  | "misfire_grace_ms"
  | "catchup_limit"
> & {
  readonly ref: string;
  readonly schedule: ScheduleText;
  readonly status: TaskRow["status"];
  readonly next_run: string | null;
};

const VALUES = [
  "digest",
  "title",
  "description",
  "schedule",
  "run",
  "misfire_policy",
  "misfire_grace_ms",
  "catchup_limit",
  "status",
  "next_run",
] as const;

function valuesOf(task: PackTask): unknown[] {
  return VALUES.map((name) => (name === "schedule" ? JSON.stringify(task.schedule) : task[name]));
}

export async function insertPackTask(
  client: ClientBase,
  task: PackTask,
  made: {
    readonly id: string;
    readonly anchor: string;
    readonly zoneRules: string;
    readonly by: string;
  },
): Promise<void> {
  await client.query(
    `INSERT INTO tasks (id, ref, anchor, zone_rules, created_by, ${VALUES.join(", ")})
     VALUES ($1, $2, $3, $4, $5, ${VALUES.map((_, i) => `$${i + 6}`).join(", ")})`,
    [made.id, task.ref, made.anchor, made.zoneRules, made.by, ...valuesOf(task)],
  );
}

/** Under the lock. Whoever is at its old fire finds another version. */
export async function updatePackTask(
  client: ClientBase,
  id: string,
  task: PackTask,
  snoozedFrom: string | null,
): Promise<void> {
  await client.query(
    `UPDATE tasks SET withdrawn = false, snoozed_from = $2, version = version + 1, updated_at = clock_timestamp(),
       claimed_until = NULL, status_at = CASE WHEN status = $11 THEN status_at ELSE clock_timestamp() END,
       ${VALUES.map((name, i) => `${name} = $${i + 3}`).join(", ")}
     WHERE id = $1`,
    [id, snoozedFrom, ...valuesOf(task)],
  );
}

/** Under the lock. */
export async function withdrawTasks(client: ClientBase, ids: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE tasks SET withdrawn = true, next_run = NULL, resume_at = NULL, snoozed_from = NULL, claimed_until = NULL,
       version = version + 1, updated_at = clock_timestamp()
     WHERE id = ANY ($1::uuid[])`,
    [ids],
  );
}
