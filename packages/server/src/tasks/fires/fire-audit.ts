import type { Audit } from "../../audit/index.ts";
import type { Arrival } from "../../inbox/index.ts";
import { nameOf, starterOf, type TaskRow } from "../task-row.ts";

type AlsoOf = NonNullable<Arrival["also"]>;

/** That a fire was the last of its task; in its transaction, which completes the task. */
export function auditCompletion(task: TaskRow, { withRun }: Pick<Audit, "withRun">): AlsoOf {
  return () =>
    withRun({
      ...{ actor: "system", action: "task.completed", subject: nameOf(task), phase: "event" },
      details: { task_id: task.id, title: task.title },
    });
}

/** That somebody has it run now, in the transaction of that run; or of the decision that says why there is none. */
export function auditRunNow(
  task: TaskRow,
  { by, reason }: { readonly by: string; readonly reason: string | undefined },
  { withRun }: Pick<Audit, "withRun">,
): AlsoOf {
  return (decisions) => {
    const own = decisions.find(({ rule }) => rule === starterOf(task));
    const run = own?.run_id ?? null;
    return withRun({
      ...{ actor: by, action: "task.run_now", subject: nameOf(task), phase: "event" },
      status: run === null ? "error" : "ok",
      details: {
        ...{ task_id: task.id, title: task.title, run_id: run },
        ...(reason === undefined ? {} : { reason }),
        ...(run === null ? { error: own?.reason ?? null } : {}),
      },
    });
  };
}
