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
