import type { Database } from "../../db/index.ts";
import { type Schedules, timeOf } from "../schedules.ts";
import type { TaskRow } from "../task-row.ts";
import { databaseNow, lockTask, moveTask } from "../tasks.store.ts";

export interface EndPauseDeps {
  readonly database: Pick<Database, "withTransaction">;
  readonly schedules: Schedules;
}

/** Lets a pause end whose time has come: the task is due by its schedule, from now on. */
export function endPauses({ database, schedules }: EndPauseDeps): (task: TaskRow) => Promise<void> {
  return async (task) => {
    await database.withTransaction(async (client) => {
      const row = await lockTask(client, task.id);
      if (row === undefined || row.status !== "paused" || row.resume_at !== task.resume_at) return;
      await moveTask(client, resumed(row, schedules, await databaseNow(client)));
    });
  };
}

/** A paused task as it goes on: what was due in between is due no more. */
export function resumed(row: TaskRow, schedules: Schedules, now: number) {
  const next = row.withdrawn ? undefined : schedules.of(row)?.next(now);
  const isOver = next === undefined && row.schedule.kind !== "manual" && !row.withdrawn;
  return {
    id: row.id,
    status: isOver ? "completed" : "active",
    statusBy: null,
    resumeAt: null,
    nextRun: timeOf(next),
    snoozedFrom: null,
  } as const;
}
