import { createAuditedChanges } from "./audited-changes.ts";
import { createRunNow } from "./fires/run-now.ts";
import { createTaskMaking } from "./make-tasks.ts";
import { createTaskBook } from "./task-book.ts";
import { createTaskReading } from "./task-reading.ts";
import type { Tasks, TasksDeps } from "./tasks.types.ts";
import { createTaskSteering } from "./verbs/steer-tasks.ts";

export type { Tasks } from "./tasks.types.ts";

/** Each part knows a task by its name from one book, and changes it in one way. */
export function createTasks(deps: TasksDeps): Tasks {
  const book = createTaskBook(deps);
  const changes = createAuditedChanges(deps, book);
  return {
    ...createTaskReading(deps, book),
    ...createTaskMaking(deps, book, changes),
    ...createTaskSteering(deps, book, changes),
    runNow: createRunNow(deps, book),
  };
}
