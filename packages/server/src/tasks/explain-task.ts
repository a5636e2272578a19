import type { Task, TaskExplanation } from "@yardmaster/protocol";

export interface ExplainTask {
  readonly task: Task;
  /** Whether there is what it starts. */
  readonly isStartable: boolean;
  /** Living processes that fire what is due. */
  readonly schedulers: number;
  readonly now: number;
}

/** When a task is due, why not, and what would change that. */
export function explainTask({ task, isStartable, schedulers, now }: ExplainTask): TaskExplanation {
  const ref = task.ref ?? task.id;
  const chain = [whence(task), whenText(task, now)];
  const unblock: string[] = [];
  if (task.snoozed_until !== null) chain.push("its next run was put off; those behind it stay");
  if (task.last_run !== null)
    chain.push(`it ran last at ${task.last_run}: run ${task.last_run_id}${endText(task)}`);
  if (task.missed_count > 0)
    chain.push(
      `${task.missed_count} of its fires were missed; ${WHAT_OF_MISSED[task.misfire_policy]}`,
    );
  if (task.failures > 0) {
    chain.push(`of the last ${task.failures} fires no run could be made: ${task.last_error}`);
    unblock.push(`put right what it gives to ${task.payload.workflow}: yard tasks show ${ref}`);
  }
  if (!isStartable) {
    chain.push(`there is no workflow or action ${task.payload.workflow}`);
    unblock.push(
      `load the pack that defines ${task.payload.workflow}, or name another in the task`,
    );
  }
  if (task.status === "paused") unblock.push(`yard tasks resume ${ref}`);
  if (task.status === "active" && schedulers === 0) {
    chain.push("no scheduler lives that could fire it");
    unblock.push("start one: yard start --roles scheduler");
  }
  return { ref, status: task.status, summary: summaryOf(task), chain, unblock };
}

const WHAT_OF_MISSED = {
  run_once: "one run stands for those of a time (misfire run_once)",
  skip: "they are left out (misfire skip)",
  run_all: "those beyond catchup_limit are left out (misfire run_all)",
} as const;

function endText({ last_run_status: status }: Task): string {
  return status === null ? "" : ` (${status})`;
}

function whence({ ref, created_by, payload }: Task): string {
  const who =
    ref === null
      ? `made by ${created_by}`
      : `defined by the pack ${ref.slice(0, ref.indexOf("."))}`;
  return `it starts ${payload.workflow}, ${who}`;
}

function summaryOf({ status, next_run, schedule_kind, ...task }: Task): string {
  switch (status) {
    case "active":
      return next_run === null
        ? `active: ${NEVER[schedule_kind] ?? "it is due at no time"}`
        : `active: due at ${next_run}`;
    case "paused":
      return "paused: it is due at no time";
    case "completed":
      return task.run_count + task.missed_count + task.failures > 0
        ? "completed: it has been due for the last time"
        : "completed: it was never due: its times lay in the past when it was taken up";
    case "canceled":
      return "canceled: it is never due again";
  }
}

const NEVER: { readonly [kind: string]: string } = { manual: "it runs when somebody has it run" };

function whenText(task: Task, now: number): string {
  const {
    schedule_kind: kind,
    schedule_expr: expr,
    timezone,
    status,
    status_by,
    status_since,
  } = task;
  const says =
    kind === "manual"
      ? "it has no schedule"
      : `its schedule is ${kind} ${JSON.stringify(expr)} in ${timezone}`;
  if (status === "paused") {
    const until = task.resume_at === null ? "" : `, until ${task.resume_at}`;
    return `${says}; it is paused since ${status_since} by ${status_by ?? "somebody"}${until}`;
  }
  if (status === "canceled")
    return `${says}; it was canceled at ${status_since} by ${status_by ?? "somebody"}`;
  if (task.next_run === null) return says;
  const late = now - Date.parse(task.next_run);
  return late > 1_000 ? `${says}; it has been due for ${Math.round(late / 1_000)} s` : says;
}
