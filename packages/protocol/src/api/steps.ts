import { z } from "zod";
import { ATTEMPT_STATUSES, STEP_STATUSES } from "../status.ts";
import { workErrorSchema } from "./problem.ts";
import { jsonSchema, timeSchema } from "./values.ts";

export const attemptSchema = z
  .object({
    number: z.number().int(),
    status: z.enum(ATTEMPT_STATUSES),
    worker: z.string().nullable(),
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    error: workErrorSchema.nullable(),
  })
  .meta({ id: "Attempt" });
export type Attempt = z.infer<typeof attemptSchema>;

export const itemSchema = z
  .object({
    index: z.number().int(),
    status: z.enum(STEP_STATUSES),
    output: jsonSchema,
    error: workErrorSchema.nullable(),
    attempts: z.array(attemptSchema),
  })
  .meta({ id: "StepItem" });
export type StepItem = z.infer<typeof itemSchema>;

/** In the order of the definition. `items` is there for a `for_each`: one for each item, in order. */
export const stepSchema = z
  .object({
    id: z.string(),
    status: z.enum(STEP_STATUSES),
    reason: z.string().nullable(),
    uses: z.string(),
    input: jsonSchema,
    output: jsonSchema,
    error: workErrorSchema.nullable(),
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    attempts: z.array(attemptSchema),
    items: z.array(itemSchema).nullable(),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof stepSchema>;
