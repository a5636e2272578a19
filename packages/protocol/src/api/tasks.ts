import { z } from "zod";
import type { JsonObject } from "../json/json.ts";
import { RUN_STATUSES, TASK_STATUSES } from "../status.ts";
import { idSchema, jsonSchema, pageFields, timeSchema } from "./values.ts";

export const TASK_KINDS = ["cron", "rrule", "once", "interval", "manual"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

const DST_GAPS = ["shift", "skip"] as const;
const DST_OVERLAPS = ["first", "second", "both"] as const;
const POLICIES = ["run_once", "skip", "run_all"] as const;

const timeText = z.string().min(1).max(60);
const ZONED = "ISO 8601; without an offset it is a time of the zone.";

const payloadSchema = z
  .looseObject({
    workflow: z.string().min(1).max(300).describe("The workflow or action that is started."),
    input: z
      .record(z.string(), jsonSchema)
      .default({})
      .describe("Its input; texts take ${{ event.data.… }} of the event `schedule.due`."),
  })
  .describe("What is started.");

const graceSchema = z
  .number()
  .int()
  .max(2_592_000)
  .refine((seconds) => seconds >= 1, {
    error: "is at least 1: each fire comes some milliseconds late, and all would be missed",
  })
  .meta({ minimum: 1 });

/** What people say of a task. */
const fields = {
  title: z.string().min(1).max(200),
  description: z.string().max(2_000).default(""),
  schedule_kind: z.enum(TASK_KINDS),
  schedule_expr: z
    .string()
    .max(20_000)
    .default("")
    .describe(
      "cron: minute hour day month weekday, with six fields seconds first. rrule: RFC 5545. once: a time. interval: 90s, PT15M. manual: nothing.",
    ),
  timezone: z.string().min(1).max(100).default("UTC").describe("An IANA name."),
  dtstart: timeText
    .nullable()
    .default(null)
    .describe(`Where a series begins; null: when the task was made. ${ZONED}`),
  ends_at: timeText.nullable().default(null).describe(`Nothing happens behind it. ${ZONED}`),
  payload: payloadSchema,
  dst_gap: z
    .enum(DST_GAPS)
    .default("shift")
    .describe("What becomes of a time that the clock leaves out."),
  dst_overlap: z
    .enum(DST_OVERLAPS)
    .default("first")
    .describe("Which one it is where the clock shows a time twice."),
  misfire_policy: z
    .enum(POLICIES)
    .default("run_once")
    .describe("What becomes of fires that nobody was there for: one run, none, or each."),
  misfire_grace_seconds: graceSchema
    .default(60)
    .describe(
      "One that is not later than this is not missed; at least 1, for each comes a little late.",
    ),
  catchup_limit: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe("Runs that run_all makes up for at most."),
};

/** Body of `POST /v1/tasks`. What is not in it is refused by its name, with 422. */
export const createTaskSchema = z
  .looseObject({
    ...fields,
    created_by: z
      .string()
      .max(100)
      .optional()
      .describe("Whose it is: the caller's; another needs the scope admin."),
    allow_past: z
      .boolean()
      .default(false)
      .describe("Of `once`: a time that has passed is due at once."),
  })
  .meta({ id: "CreateTask" });
export type CreateTask = z.input<typeof createTaskSchema>;

/** What people say of a task, with what they left out. */
export interface TaskFields {
  readonly title: string;
  readonly description: string;
  readonly schedule_kind: TaskKind;
  readonly schedule_expr: string;
  readonly timezone: string;
  readonly dtstart: string | null;
  readonly ends_at: string | null;
  readonly payload: { readonly workflow: string; readonly input: JsonObject };
  readonly dst_gap: (typeof DST_GAPS)[number];
  readonly dst_overlap: (typeof DST_OVERLAPS)[number];
  readonly misfire_policy: (typeof POLICIES)[number];
  readonly misfire_grace_seconds: number;
  readonly catchup_limit: number;
  readonly allow_past: boolean;
}

/** Body of `PATCH /v1/tasks/{id}`: what is left out stays. */
export const changeTaskSchema = z
  .looseObject({
    title: fields.title.optional(),
    description: z.string().max(2_000).optional(),
    schedule_kind: z.enum(TASK_KINDS).optional(),
    schedule_expr: z.string().max(20_000).optional(),
    timezone: z.string().min(1).max(100).optional(),
    dtstart: timeText.nullable().optional(),
    ends_at: timeText.nullable().optional(),
    payload: payloadSchema.optional(),
    dst_gap: z.enum(DST_GAPS).optional(),
    dst_overlap: z.enum(DST_OVERLAPS).optional(),
    misfire_policy: z.enum(POLICIES).optional(),
    misfire_grace_seconds: graceSchema.optional(),
    catchup_limit: z.number().int().min(1).max(1_000).optional(),
    allow_past: z.boolean().optional(),
  })
  .meta({ id: "ChangeTask" });
export type ChangeTask = z.input<typeof changeTaskSchema>;

/** A schedule bound to a workflow. */
export const taskSchema = z
  .object({
    id: idSchema,
    ref: z
      .string()
      .nullable()
      .describe("`<pack>.<name>` of one that a pack defines; null of others."),
    title: z.string(),
    description: z.string(),
    created_by: z.string(),
    schedule_kind: z.enum(TASK_KINDS),
    schedule_expr: z.string(),
    timezone: z.string(),
    dtstart: timeSchema.describe("Where its series begins."),
    ends_at: timeSchema.nullable(),
    dst_gap: z.enum(DST_GAPS),
    dst_overlap: z.enum(DST_OVERLAPS),
    payload: z.object({
      workflow: z.string(),
      input: z
        .record(z.string(), jsonSchema)
        .nullable()
        .describe("Null where it stands in the pack."),
    }),
    misfire_policy: z.enum(POLICIES),
    misfire_grace_seconds: z.number(),
    catchup_limit: z.number().int(),
    status: z.enum(TASK_STATUSES),
    status_by: z.string().nullable().describe("Who has paused or canceled it."),
    status_since: timeSchema,
    resume_at: timeSchema.nullable().describe("When its pause ends by itself."),
    next_run: timeSchema.nullable(),
    snoozed_until: timeSchema.nullable().describe("The next run, where it was put off."),
    last_run: timeSchema.nullable(),
    last_run_id: idSchema.nullable(),
    last_run_status: z
      .enum(RUN_STATUSES)
      .nullable()
      .describe("How the last run stands; null where there is none, or it is kept no longer."),
    run_count: z.number().int(),
    missed_count: z
      .number()
      .int()
      .describe("Fires that nobody was there for, and that have no run of their own."),
    failures: z.number().int().describe("Fires in a row of which no run could be made."),
    last_error: z.string().nullable().describe("Why the last one could not."),
    version: z.number().int().describe("Grows with each change; the ETag."),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: "Task" });
export type Task = z.infer<typeof taskSchema>;

/** Query of `GET /v1/tasks`. */
export const listTasksSchema = z.strictObject({
  ...pageFields,
  status: z.enum(TASK_STATUSES).optional(),
  schedule_kind: z.enum(TASK_KINDS).optional(),
  created_by: z.string().min(1).max(300).optional(),
  q: z.string().min(1).max(200).optional().describe("Part of a title or a name."),
});
export type ListTasks = z.input<typeof listTasksSchema>;
