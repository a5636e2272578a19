import { z } from "zod";
import { WORK_STATUSES } from "../status.ts";
import { projectSchema } from "./trackers.ts";
import {
  idSchema,
  jsonSchema,
  nameSchema,
  pageFields,
  timeSchema,
  wholeNumberSchema,
} from "./values.ts";

const REF = /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+$/;
const MAX_AGENTS = 50;

const orderFields = {
  run: z
    .string()
    .max(200)
    .regex(REF, "must be the ref of a workflow or an action, such as examples.work")
    .describe("What works on an item."),
  with: jsonSchema
    .optional()
    .describe(
      "Its input, a map; texts may hold expressions over `item`. Left out: `{ item }`, the item as a whole.",
    ),
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .describe("How many items of the tracker are worked on at once."),
  max_attempts: z
    .int()
    .min(1)
    .max(100)
    .describe("How many runs of an item may fail before a person is asked."),
  agents: z
    .array(z.string().regex(/^[\w.-]{1,100}$/, "must be the name of an agent"))
    .max(MAX_AGENTS)
    .describe("Names of agents that an issue may recommend, beside haiku, sonnet and opus."),
  enabled: z
    .boolean()
    .describe("False: it is paused. Issues are heard of all the same, and none is begun."),
};

/** Body of `PUT /v1/work-orders/{tracker}`. */
export const putWorkOrderSchema = z
  .strictObject({
    ...orderFields,
    concurrency: orderFields.concurrency.default(1),
    max_attempts: orderFields.max_attempts.default(3),
    agents: orderFields.agents.default([]),
    enabled: orderFields.enabled.default(true),
  })
  .meta({ id: "PutWorkOrder" });
export type PutWorkOrder = z.input<typeof putWorkOrderSchema>;
export type SaidWorkOrder = z.output<typeof putWorkOrderSchema>;

/** What is done with the issues of a tracker that are assigned to its bot. */
export const workOrderSchema = z
  .object({
    tracker: nameSchema,
    ...orderFields,
    with: jsonSchema.describe("Null: the item as a whole."),
    status: z.enum(["active", "paused", "unready"]),
    reason: z.string().nullable().describe("Why it is not active."),
    created_at: timeSchema,
    created_by: z.string(),
    updated_at: timeSchema,
    updated_by: z.string(),
  })
  .meta({ id: "WorkOrder" });
export type WorkOrder = z.infer<typeof workOrderSchema>;

const referenceSchema = z.union([z.int(), z.string()]);
const provenanceSchema = z.enum(["grammar", "native", "default"]);

/** An issue that the bot works on. */
export const workItemSchema = z
  .object({
    id: idSchema,
    tracker: z.string(),
    project: z.string(),
    number: z.int(),
    title: z.string(),
    url: z.string().nullable(),
    author: z.string().nullable(),
    status: z.enum(WORK_STATUSES),
    ready: z.boolean().describe("Of a queued one: nothing that it depends on holds it."),
    reason_code: z.string().nullable(),
    reason: z.string().nullable().describe("Why it does not move."),
    priority: z.int().describe("1 is first, 9 last; then the lowest number."),
    attempts: z.int().describe("Tries that count."),
    next_try_at: timeSchema.nullable(),
    run_id: idSchema.nullable().describe("The run that is at it, or was last."),
    event_id: idSchema.nullable().describe("The event that made it."),
    retry_of: idSchema.nullable().describe("The item of the same issue before it."),
    issue_state: z
      .enum(["open", "closed", "deleted", "missing", "unreadable"])
      .describe("As the tracker last said."),
    metadata: z
      .object({
        estimated_context: z.int(),
        difficulty: z.enum(["easy", "medium", "hard"]),
        assigned_agent: z.string(),
        blocks: z.array(referenceSchema),
        blocked_by: z.array(referenceSchema),
      })
      .describe("What the body of the issue says."),
    metadata_from: z
      .record(z.string(), provenanceSchema)
      .describe("Who says each: the body, the tracker, or nobody."),
    warnings: z.array(z.string()),
    created_at: timeSchema,
    updated_at: timeSchema,
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: "WorkItem" });
export type WorkItem = z.infer<typeof workItemSchema>;

/** One try of an item: the run that was made, or why none could be. */
export const workTrySchema = z.object({
  number: z.int(),
  run_id: idSchema.nullable(),
  status: z.string().describe("running, or how it ended."),
  message: z.string().nullable(),
  started_at: timeSchema,
  ended_at: timeSchema.nullable(),
});

export const workItemDetailSchema = workItemSchema
  .extend({ body: z.string().nullable(), tries: z.array(workTrySchema) })
  .meta({ id: "WorkItemDetail" });
export type WorkItemDetail = z.infer<typeof workItemDetailSchema>;

/** Query of `GET /v1/work-items`; the newest come first. */
export const listWorkItemsSchema = z.strictObject({
  ...pageFields,
  status: z.enum(WORK_STATUSES).optional(),
  ready: z
    .enum(["true", "false"])
    .optional()
    .describe("Of those that are queued: whether they may begin."),
  tracker: nameSchema.optional(),
  project: projectSchema.optional(),
  number: wholeNumberSchema(1).optional().describe("Number of the issue."),
});
export type ListWorkItems = z.input<typeof listWorkItemsSchema>;

/** Body of `PATCH /v1/work-items/{id}`. */
export const changeWorkItemSchema = z
  .strictObject({
    priority: z.int().min(1).max(9).describe("1 is first, 5 the default, 9 last."),
  })
  .meta({ id: "ChangeWorkItem" });
export type ChangeWorkItem = z.infer<typeof changeWorkItemSchema>;
