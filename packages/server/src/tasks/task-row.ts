import type { MisfirePolicy, ScheduleText } from "@yardmaster/kernel";
import type { JsonObject, TaskStatus } from "@yardmaster/protocol";

/** A task as it is stored. */
export interface TaskRow {
  readonly id: string;
  /** Of a pack's; null of one that a person has made. */
  readonly ref: string | null;
  readonly digest: string | null;
  readonly withdrawn: boolean;
  readonly title: string;
  readonly description: string;
  readonly created_by: string;
  readonly schedule: ScheduleText;
  readonly anchor: string;
  readonly run: string;
  readonly input: JsonObject | null;
  readonly misfire_policy: MisfirePolicy;
  readonly misfire_grace_ms: number;
  readonly catchup_limit: number;
  readonly status: TaskStatus;
  readonly status_by: string | null;
  readonly status_at: string;
  readonly resume_at: string | null;
  readonly next_run: string | null;
  readonly snoozed_from: string | null;
  readonly last_run: string | null;
  readonly last_run_id: string | null;
  readonly run_count: number;
  readonly missed_count: number;
  readonly failures: number;
  readonly last_error: string | null;
  readonly zone_rules: string;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** By what people know a task, and by which its runs and decisions name it. */
export function nameOf({ ref, id }: Pick<TaskRow, "ref" | "id">): string {
  return ref ?? id;
}

/** As its events name it. */
export function namedBy(row: TaskRow) {
  return { task: nameOf(row), task_id: row.id, title: row.title };
}

/** As decisions and runs say who has asked for them. */
export function starterOf(task: Pick<TaskRow, "ref" | "id">): string {
  return `task:${nameOf(task)}`;
}

/** The rules of time zones that this process has: where they change, what was worked out by them is worked out anew. */
export const ZONE_RULES = process.versions["tz"] ?? "";
