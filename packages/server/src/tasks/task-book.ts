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
  view(row: TaskRow): Task;
  /** Whether there is what it starts. */
  isStartable(row: TaskRow): boolean;
}

export function createTaskBook({
  database: { pool },
  packs,
}: Pick<TasksDeps, "database" | "packs">): TaskBook {
  const schedules = createSchedules();
  return {
    schedules,
    view: (row) => taskView(row, schedules),
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
