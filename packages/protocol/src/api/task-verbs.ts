import { z } from "zod";
import { TASK_STATUSES } from "../status.ts";
import { idSchema, instantSchema, timeSchema } from "./values.ts";

/** So far the next fire of a task can be put off, all in all. */
export const MAX_SNOOZE_S = 604_800;

export const runNowSchema = z.strictObject({ reason: z.string().min(1).max(200).optional() });
export type RunNow = z.input<typeof runNowSchema>;

export const runNowAnswerSchema = z
  .object({
    success: z.literal(true),
    message: z.string(),
    run_id: idSchema,
    event_id: idSchema,
    enqueued_at: timeSchema,
  })
  .meta({ id: "TaskRunNow" });
export type RunNowAnswer = z.infer<typeof runNowAnswerSchema>;

export const snoozeTaskSchema = z.strictObject({
  delay_seconds: z.number().int().min(1).max(MAX_SNOOZE_S).optional(),
  until: instantSchema.optional(),
  reason: z.string().max(200).optional(),
});
export type SnoozeTask = z.input<typeof snoozeTaskSchema>;

const verbAnswer = { success: z.literal(true), message: z.string() };

export const snoozeAnswerSchema = z
  .object({ ...verbAnswer, previous_next_run: timeSchema, new_next_run: timeSchema })
  .meta({ id: "TaskSnoozed" });
export type SnoozeAnswer = z.infer<typeof snoozeAnswerSchema>;

export const pauseTaskSchema = z.strictObject({
  until: instantSchema.optional().describe("When it goes on by itself."),
});
export type PauseTask = z.input<typeof pauseTaskSchema>;

export const pauseAnswerSchema = z
  .object({ ...verbAnswer, status: z.enum(TASK_STATUSES), paused_at: timeSchema })
  .meta({ id: "TaskPaused" });
export type PauseAnswer = z.infer<typeof pauseAnswerSchema>;

export const resumeAnswerSchema = z
  .object({
    ...verbAnswer,
    status: z.enum(TASK_STATUSES),
    resumed_at: timeSchema,
    next_run: timeSchema.nullable(),
  })
  .meta({ id: "TaskResumed" });
export type ResumeAnswer = z.infer<typeof resumeAnswerSchema>;

export const cancelTaskSchema = z.strictObject({
  running: z
    .enum(["finish", "abort"])
    .default("finish")
    .describe("What becomes of runs that have begun."),
});
export type CancelTask = z.input<typeof cancelTaskSchema>;

export const cancelAnswerSchema = z
  .object({
    ...verbAnswer,
    status: z.enum(TASK_STATUSES),
    canceled_at: timeSchema,
    removed_runs: z.number().int(),
  })
  .meta({ id: "TaskCanceled" });
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>;
