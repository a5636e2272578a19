import { z } from "zod";
import { RUN_STATUSES } from "../status.ts";
import { workErrorSchema } from "./problem.ts";
import {
  flagSchema,
  idPartFields,
  idSchema,
  instantSchema,
  jsonSchema,
  pageFields,
  timeSchema,
} from "./values.ts";

/** Most seconds that `Prefer: wait=N` holds a request open. */
export const MAX_WAIT_S = 60;

/** Body of `POST /v1/runs`. `input` is checked against the schema of `ref`; left out, it is `{}`. */
export const startRunSchema = z
  .strictObject({ ref: z.string().min(1).max(300), input: jsonSchema.optional() })
  .meta({ id: "StartRun" });
export type StartRun = z.infer<typeof startRunSchema>;

/** What runs are chosen by. `since` and `until` are times of creation, the first included. */
const runFilterFields = {
  status: z.enum(RUN_STATUSES).optional(),
  ref: z.string().min(1).max(300).optional(),
  event: idSchema.optional().describe("Only runs that this event started."),
  parent: idSchema.optional().describe("Only runs that are steps of this one."),
  retry_of: idSchema.optional().describe("Only new tries of this run."),
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "a trace id has 32 hexadecimal digits")
    .optional()
    .describe("Only runs of this W3C trace."),
  since: instantSchema.optional().describe("Started at this time or later, RFC 3339."),
  until: instantSchema.optional().describe("Started before this time, RFC 3339."),
};

/** Newest first. */
export const listRunsSchema = z
  .strictObject({
    ...pageFields,
    ...runFilterFields,
    ...idPartFields,
    roots: flagSchema.describe("Only runs that are no steps of others."),
    payloads: z
      .enum(["true", "false"])
      .optional()
      .describe('With "false" the runs come without input, output and outputs.'),
  })
  .refine(({ roots, parent }) => !roots || parent === undefined, {
    path: ["roots"],
    message: "`roots` and `parent` exclude each other",
  });
export type ListRuns = z.input<typeof listRunsSchema>;

/** Body of `POST /v1/runs/{id}/retry`. */
export const retryRunSchema = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe(
        "This step, with all its items, and what comes after it are done again, whatever came of them.",
      ),
    from_start: z.boolean().optional().describe("Nothing is taken over."),
    latest: z
      .boolean()
      .optional()
      .describe("With the pack as it is now. Where that has changed, nothing is taken over."),
    dry_run: z.boolean().optional().describe("Tells what it would do, and does nothing."),
  })
  .refine(({ from, from_start }) => from === undefined || from_start !== true, {
    path: ["from"],
    message: "`from` and `from_start` exclude each other",
  })
  .meta({ id: "RetryRun" });
export type RetryRun = z.input<typeof retryRunSchema>;

/** Answer of `POST /v1/runs/{id}/retry` with `dry_run`. */
export const retryPlanSchema = z
  .object({
    dry_run: z.literal(true),
    id: idSchema.describe("The run that would be tried again."),
    ref: z.string(),
    reused: z
      .array(z.string())
      .describe(
        "Steps that would be taken over as a whole: that succeeded, or failed without failing the run.",
      ),
    reused_parts: z
      .array(z.object({ step: z.string(), reused: z.number().int(), of: z.number().int() }))
      .describe(
        "Of the steps that would be done again: how many of their items, groups or rounds would be taken over.",
      ),
  })
  .meta({ id: "RetryPlan" });
export type RetryPlan = z.infer<typeof retryPlanSchema>;

/** Most runs that one `POST /v1/runs/retry` tries again. */
export const MAX_RETRIES = 1_000;

/** What chooses among ended runs; how many are tried again, and how, does not. */
const RETRY_FILTERS = Object.keys(runFilterFields);

/** Body of `POST /v1/runs/retry`: ended runs, oldest first. Those that were tried again already are left out, and without `parent` those that are steps of others. */
export const retryRunsSchema = z
  .strictObject({
    ...runFilterFields,
    status: z
      .enum(["failed", "timed_out", "canceled"])
      .optional()
      .meta({ default: "failed", description: "How they ended." }),
    all: z
      .boolean()
      .optional()
      .describe("All runs that fit. Needed, as true, where nothing else chooses among them."),
    limit: z.int().min(1).max(MAX_RETRIES).default(MAX_RETRIES),
    dry_run: z.boolean().default(false).describe("Tells what it would do, and does nothing."),
    from_start: z.boolean().optional(),
    latest: z.boolean().optional(),
  })
  .refine((body) => body.all === true || choosesAmong(body), {
    path: ["all"],
    message: `nothing chooses among the failed runs: say \`all: true\`, or one of ${RETRY_FILTERS.join(", ")}`,
  })
  .meta({ id: "RetryRuns" });
export type RetryRuns = z.input<typeof retryRunsSchema>;

function choosesAmong(body: Readonly<Record<string, unknown>>): boolean {
  return RETRY_FILTERS.some((name) => body[name] !== undefined);
}

export const retriedSchema = z
  .object({
    dry_run: z.boolean(),
    retried: z.array(z.object({ id: idSchema, ref: z.string(), retry_id: idSchema.nullable() })),
    refused: z.array(z.object({ id: idSchema, ref: z.string(), message: z.string() })),
    more: z.boolean().describe("Whether more runs fit than the limit allowed."),
  })
  .meta({ id: "Retried" });
export type Retried = z.infer<typeof retriedSchema>;

export const runSchema = z
  .object({
    id: idSchema,
    ref: z.string(),
    status: z.enum(RUN_STATUSES),
    reason: z.string().nullable().describe("Why it does not move, where it does not."),
    paused_by: z
      .string()
      .nullable()
      .describe(
        "While it is paused: `token:<name>`, or `run:<id>` of the run whose step it is, with which it is paused and goes on.",
      ),
    input: jsonSchema,
    output: jsonSchema,
    outputs: z.record(z.string(), jsonSchema).describe("The saved results, by name."),
    error: workErrorSchema.nullable(),
    created_at: timeSchema,
    finished_at: timeSchema.nullable(),
    created_by: z
      .string()
      .describe("`token:<name>`, or `token:<name> via mcp`, `rule:<ref>` or `run:<id>`."),
    event_id: idSchema.nullable(),
    rule: z.string().nullable(),
    retry_of: idSchema.nullable(),
    parent_id: idSchema.nullable().describe("The run whose step this one is."),
    pack_digest: z.string().nullable(),
    traceparent: z.string().nullable(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;
