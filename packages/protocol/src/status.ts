/** The public `status` words. A final status never changes. */

export const RUN_STATUSES = [
  "queued",
  "running",
  "waiting",
  "success",
  "failed",
  "timed_out",
  "canceled",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const FINAL_STATUSES = ["success", "failed", "timed_out", "canceled"] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

export const STEP_STATUSES = [...RUN_STATUSES, "skipped"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export const ATTEMPT_STATUSES = [
  "running",
  "success",
  "failed",
  "timed_out",
  "canceled",
  "lost",
] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

export const TASK_STATUSES = ["active", "paused", "completed", "canceled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * queued: waits for its turn, `ready` or behind what blocks it. in_progress: a run is at it, or was, and the next try
 * has its time. waiting: no run can be made before somebody puts something right; it is looked at again now and then.
 * blocked: its tries are used up, and a person says how it goes on. done: a run of it ended well. failed: its issue went
 * away after all its tries had failed. canceled: its issue went away, or somebody has canceled it.
 */
export const WORK_STATUSES = [
  "queued",
  "in_progress",
  "waiting",
  "blocked",
  "done",
  "failed",
  "canceled",
] as const;
export type WorkStatus = (typeof WORK_STATUSES)[number];

export const FINAL_WORK_STATUSES = ["done", "failed", "canceled"] as const;

export function isWorkFinal(status: WorkStatus): boolean {
  return (FINAL_WORK_STATUSES as readonly string[]).includes(status);
}

/** Final statuses of a step: those of a run, and `skipped`. */
export type FinalStepStatus = FinalStatus | "skipped";

/** Whether it has ended, and its status never changes. */
export function isFinal(status: StepStatus): status is FinalStepStatus {
  return status === "skipped" || (FINAL_STATUSES as readonly string[]).includes(status);
}

/**
 * open: a person may answer. answered: one has. timed_out: its time was over first. canceled: nobody need answer any
 * more, as its run was stopped, or failed meanwhile.
 */
export const INQUIRY_STATUSES = ["open", "answered", "timed_out", "canceled"] as const;
export type InquiryStatus = (typeof INQUIRY_STATUSES)[number];
