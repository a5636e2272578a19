import type { RunStatus, Task } from "@yardmaster/protocol";
import type { SaidFields } from "./read-task.ts";
import { type Schedules, timeOf } from "./schedules.ts";
import type { TaskRow } from "./task-row.ts";

/** `lastRunStatus`: of the run that it started last. */
export function taskView(
  row: TaskRow,
  schedules: Schedules,
  lastRunStatus: RunStatus | null,
): Task {
  const read = schedules.of(row);
  const { schedule } = row;
  return {
    ...{ id: row.id, ref: row.ref, title: row.title, description: row.description },
    created_by: row.created_by,
    ...{ schedule_kind: schedule.kind, schedule_expr: schedule.expr, timezone: schedule.timezone },
    dtstart: timeOf(read?.dtstart) ?? row.anchor,
    ends_at: timeOf(read?.endsAt),
    ...{ dst_gap: schedule.dstGap, dst_overlap: schedule.dstOverlap },
    payload: { workflow: row.run, input: row.input as Task["payload"]["input"] },
    misfire_policy: row.misfire_policy,
    misfire_grace_seconds: row.misfire_grace_ms / 1_000,
    catchup_limit: row.catchup_limit,
    ...{ status: row.status, status_by: row.status_by, status_since: row.status_at },
    ...{ resume_at: row.resume_at, next_run: row.next_run },
    snoozed_until: row.snoozed_from === null ? null : row.next_run,
    ...{ last_run: row.last_run, last_run_id: row.last_run_id, run_count: row.run_count },
    last_run_status: lastRunStatus,
    ...{ missed_count: row.missed_count, failures: row.failures, last_error: row.last_error },
    ...{ version: row.version, created_at: row.created_at, updated_at: row.updated_at },
  };
}

/** A stored task in the words in which it was said: what a change leaves out is taken from here. */
export function saidOf(row: TaskRow): SaidFields {
  const { schedule } = row;
  return {
    ...{ title: row.title, description: row.description },
    ...{ schedule_kind: schedule.kind, schedule_expr: schedule.expr, timezone: schedule.timezone },
    ...{ dtstart: schedule.dtstart ?? null, ends_at: schedule.endsAt ?? null },
    ...{ dst_gap: schedule.dstGap, dst_overlap: schedule.dstOverlap },
    payload: { workflow: row.run, input: row.input ?? {} } as SaidFields["payload"],
    misfire_policy: row.misfire_policy,
    misfire_grace_seconds: row.misfire_grace_ms / 1_000,
    catchup_limit: row.catchup_limit,
    allow_past: false,
  };
}
