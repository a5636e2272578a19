import { z } from "zod";
import { TASK_STATUSES } from "../status.ts";
import { taskSchema } from "./tasks.ts";
import { instantSchema, jsonSchema, timeSchema, wholeNumberSchema } from "./values.ts";

/** Most times that a preview gives. */
export const MAX_PREVIEW = 100;

/** When a schedule happens next, and what is odd about it. */
export const taskPreviewSchema = z
  .object({
    times: z.array(timeSchema),
    warnings: z.array(z.string()),
    input: jsonSchema.describe(
      "What the run of the first of these times would be given; null where that cannot be told.",
    ),
    matches: z
      .boolean()
      .optional()
      .describe("With `at`: whether it happens within a minute of that."),
  })
  .meta({ id: "TaskPreview" });
export type TaskPreview = z.infer<typeof taskPreviewSchema>;

/** Answer of `POST /v1/tasks`. */
export const createdTaskSchema = taskSchema
  .extend({ preview: taskPreviewSchema })
  .meta({ id: "CreatedTask" });
export type CreatedTask = z.infer<typeof createdTaskSchema>;

const countSchema = wholeNumberSchema(1, MAX_PREVIEW).default(5);

/** Query of `GET /v1/tasks/{id}/preview` and of `POST /v1/tasks/preview`. */
export const previewTaskSchema = z.strictObject({
  count: countSchema,
  at: instantSchema.optional().describe("A time: does it happen then?"),
});
export interface PreviewTask {
  /** How many times are told; 5 unless said. */
  readonly count?: number | undefined;
  /** A time: does it happen then? */
  readonly at?: string | undefined;
}

/** When a task is due and why not, and what would change that. */
export const taskExplanationSchema = z
  .object({
    ref: z.string(),
    status: z.enum(TASK_STATUSES),
    summary: z.string(),
    chain: z.array(z.string()),
    unblock: z.array(z.string()),
  })
  .meta({ id: "TaskExplanation" });
export type TaskExplanation = z.infer<typeof taskExplanationSchema>;
