import { z } from "zod";
import { idSchema, timeSchema } from "./values.ts";

/** An attempt that waits in a queue; `step` is its place in the run, with the item of a for_each. */
export const waitingAttemptSchema = z
  .object({
    run_id: idSchema,
    step: z.string(),
    attempt: z.number().int(),
    key: z.string().nullable(),
    priority: z.number().int(),
  })
  .meta({ id: "WaitingAttempt" });

export const QUEUE_STATUSES = ["idle", "moving", "full", "held", "paused"] as const;
export type QueueStatus = (typeof QUEUE_STATUSES)[number];

/** A named lane of admission, with its limits and what is in it now. */
/** Query of `GET /v1/queues`. */
export const listQueuesSchema = z.strictObject({ status: z.enum(QUEUE_STATUSES).optional() });
export type ListQueues = z.input<typeof listQueuesSchema>;

export const queueSchema = z
  .object({
    name: z.string(),
    pack: z.string().nullable().describe("Null: no active pack defines it any more."),
    description: z.string().nullable(),
    status: z
      .enum(QUEUE_STATUSES)
      .describe(
        "idle: nothing waits. moving: something waits and will be admitted. full: its limit, or its rate, is reached. held: attempts wait and none runs. paused: somebody has stopped it.",
      ),
    concurrency: z.number().int().nullable().describe("Attempts at once; null: no limit."),
    key_concurrency: z.number().int().nullable().describe("Attempts at once with the same key."),
    rate: z
      .string()
      .nullable()
      .describe("Attempts that may start in any stretch of a time, as 10/s; null: no limit."),
    next_start_at: timeSchema
      .nullable()
      .describe("While its rate is used up: when it starts attempts again."),
    fifo: z.boolean().describe("One run at a time for each key, in the order of their arrival."),
    paused_by: z.string().nullable(),
    ready: z.number().int(),
    delayed: z.number().int().describe("Retries that wait for their time."),
    leased: z.number().int().describe("Attempts that run."),
    next: waitingAttemptSchema.nullable().describe("First in the order of admission."),
  })
  .meta({ id: "Queue" });
export type Queue = z.infer<typeof queueSchema>;

/** At most this many of each list of a queue are shown. */
export const MAX_QUEUE_ROWS = 50;

/** One queue with what waits and runs in it, and the lines before its keys; the first 50 of each. */
export const queueDetailSchema = queueSchema
  .extend({
    waiting: z.array(waitingAttemptSchema),
    running: z.array(
      z.object({
        run_id: idSchema,
        step: z.string(),
        attempt: z.number().int(),
        key: z.string().nullable(),
        worker: idSchema,
        node: z.string().optional().describe("The node that it was given to."),
        leased_at: timeSchema,
      }),
    ),
    lines: z
      .array(
        z.object({
          key: z.string(),
          leads: idSchema.describe("The run that holds the key until it is final."),
          runs: z.number().int().describe("Runs in the line, the leading one included."),
        }),
      )
      .describe("Of a FIFO queue."),
  })
  .meta({ id: "QueueDetail" });
export type QueueDetail = z.infer<typeof queueDetailSchema>;

/** Why a queue moves or does not. */
export const queueExplanationSchema = z
  .object({
    name: z.string(),
    status: z.enum(QUEUE_STATUSES),
    summary: z.string(),
    chain: z.array(z.string()),
    unblock: z.array(z.string()),
  })
  .meta({ id: "QueueExplanation" });
export type QueueExplanation = z.infer<typeof queueExplanationSchema>;
