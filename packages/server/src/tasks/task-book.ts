import { AppError, isUuid, nearestRef, type Task } from "@yardmaster/protocol";
import { createSchedules, type Schedules } from "./schedules.ts";
import type { TaskRow } from "./task-row.ts";
import { taskView } from "./task-view.ts";
import { findTask } from "./tasks.store.ts";
import type { TasksDeps } from "./tasks.types.ts";

/** Tasks by their names, and as the API shows them. */
export interface TaskBook {
  readonly schedules: Schedules;
  /** @throws AppError `not_found` */
  find(name: string): Promise<TaskRow>;
  /** In their order. */
  views(rows: readonly TaskRow[]): Promise<Task[]>;
  view(row: TaskRow): Promise<Task>;
  /** Whether there is what it starts. */
  isStartable(row: TaskRow): boolean;
}

export function createTaskBook({
  database: { pool },
  packs,
  engine,
}: Pick<TasksDeps, "database" | "packs" | "engine">): TaskBook {
  const schedules = createSchedules();
  const views = async (rows: readonly TaskRow[]): Promise<Task[]> => {
    const ids = rows.flatMap(({ last_run_id }) => last_run_id ?? []);
    const last = ids.length === 0 ? [] : await lastRuns(ids);
    const statuses = new Map(last.map(({ id, status }) => [id, status]));
    return rows.map((row) => taskView(row, schedules, statuses.get(row.last_run_id ?? "") ?? null));
  };
  const lastRuns = async (ids: readonly string[]) =>
    (await engine.runs({ ids, payloads: false, limit: ids.length })).rows;
  return {
    schedules,
    views,
    view: async (row) => (await views([row]))[0] as Task,
    isStartable: ({ run }) => packs.source.current(run) !== undefined,
    async find(name) {
      const row = await findTask(pool, name);
      if (row !== undefined) return row;
      const near = isUuid(name)
        ? undefined
        : nearestRef(
            name,
            packs.tasks().map(({ ref }) => ref),
          );
      const hint = near === undefined ? "" : ` Did you mean ${near}?`;
      throw new AppError("not_found", `There is no task ${name}.${hint}`);
    },
  };
}
