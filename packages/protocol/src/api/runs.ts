import { z } from "zod";
import { RUN_STATUSES } from "../status.ts";
import { workErrorSchema } from "./problem.ts";
import { idSchema, jsonSchema, pageFields, timeSchema } from "./values.ts";

/** Most seconds that `Prefer: wait=N` holds a request open. */
export const MAX_WAIT_S = 60;

/** Body of `POST /v1/runs`. `input` is checked against the schema of `ref`; left out, it is `{}`. */
export const startRunSchema = z
  .strictObject({ ref: z.string().min(1).max(300), input: jsonSchema.optional() })
  .meta({ id: "StartRun" });
export type StartRun = z.infer<typeof startRunSchema>;

/** Newest first. `event` is the id of the event that the runs were started by. */
export const listRunsSchema = z.strictObject({
  ...pageFields,
  status: z.enum(RUN_STATUSES).optional(),
  ref: z.string().min(1).max(300).optional(),
  event: idSchema.optional(),
});
export type ListRuns = z.input<typeof listRunsSchema>;

export const runSchema = z
  .object({
    id: idSchema,
    ref: z.string(),
    status: z.enum(RUN_STATUSES),
    reason: z.string().nullable().describe("Why it does not move, where it does not."),
    input: jsonSchema,
    output: jsonSchema,
    error: workErrorSchema.nullable(),
    created_at: timeSchema,
    finished_at: timeSchema.nullable(),
    created_by: z.string().describe("`token:<name>` or `rule:<ref>`."),
    event_id: idSchema.nullable(),
    rule: z.string().nullable(),
    retry_of: idSchema.nullable(),
    pack_digest: z.string().nullable(),
    traceparent: z.string().nullable(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;
