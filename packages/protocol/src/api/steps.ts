import { z } from "zod";
import { ATTEMPT_STATUSES, STEP_STATUSES } from "../status.ts";
import { workErrorSchema } from "./problem.ts";
import { idSchema, jsonSchema, timeSchema, wholeNumberSchema } from "./values.ts";

/** A file that a step handed back. */
export const stepFileSchema = z
  .object({
    path: z.string().describe("Inside the work folder, with / between folders."),
    bytes: z.number().int(),
    sha256: z.string(),
    mode: z.enum(["0644", "0755"]),
  })
  .meta({ id: "StepFile" });

/** What was measured of an attempt. */
export const attemptMeasuresSchema = z
  .object({
    duration_ms: z
      .number()
      .int()
      .describe("How long its work took, without the way to the worker."),
    pid: z.number().int().optional().describe("Of its process, on the machine of its worker."),
    exit_code: z.number().int().optional(),
    signal: z.string().optional().describe("The signal that ended its process."),
    stdout_bytes: z
      .number()
      .int()
      .optional()
      .describe("All that it printed, those beyond a limit included."),
    stderr_bytes: z.number().int().optional(),
    stdout_cut: z.literal(true).optional().describe("Not all of it was kept."),
    stderr_cut: z.literal(true).optional(),
    left_behind: z
      .number()
      .int()
      .optional()
      .describe("Processes that had left its group and outlived it, and were ended."),
  })
  .meta({ id: "AttemptMeasures" });
export type AttemptMeasures = z.infer<typeof attemptMeasuresSchema>;

export const attemptSchema = z
  .object({
    number: z.number().int(),
    status: z.enum(ATTEMPT_STATUSES),
    worker: z.string().nullable().describe("Id of the session that had it."),
    node: z.string().optional().describe("The node that it was given to."),
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    error: workErrorSchema.nullable(),
    facts: attemptMeasuresSchema
      .optional()
      .describe("Left out where there is nothing to measure, as of `core.echo`."),
    run: idSchema
      .optional()
      .describe("The child run that it was, for a step that calls a workflow."),
    inquiry: idSchema.optional().describe("The question that it was, or is, for `core.ask`."),
  })
  .meta({ id: "Attempt" });
export type Attempt = z.infer<typeof attemptSchema>;

/** What undoes a success, once that has begun. */
export const undoSchema = z
  .object({
    status: z.enum(STEP_STATUSES),
    uses: z.string(),
    input: jsonSchema,
    error: workErrorSchema.nullable(),
    attempts: z.array(attemptSchema),
  })
  .meta({ id: "Undo" });
export type Undo = z.infer<typeof undoSchema>;

export const itemSchema = z
  .object({
    index: z.number().int(),
    status: z.enum(STEP_STATUSES),
    input: jsonSchema.optional().describe("What it is called with, once its turn has come."),
    output: jsonSchema,
    error: workErrorSchema.nullable(),
    files: z.array(stepFileSchema).optional(),
    attempts: z.array(attemptSchema),
    inquiry: idSchema.optional().describe("The open question that it waits for."),
    undo: undoSchema.optional(),
    reused: z
      .literal(true)
      .optional()
      .describe(
        "Its result was taken over from the run that this one tries again, where that worked on the same; so it has no attempts.",
      ),
  })
  .meta({ id: "StepItem" });
export type StepItem = z.infer<typeof itemSchema>;

/** Pages of steps are larger than others: each is made of the whole run. */
const STEP_LIMIT = 200;
const MAX_STEP_LIMIT = 1_000;

/**
 * Query of `GET /v1/runs/{id}/steps`. `limit` counts items and rounds, and steps that have none; a step whose items do
 * not all fit goes on, under its id, on the next page.
 */
export const listStepsSchema = z.strictObject({
  limit: wholeNumberSchema(1, MAX_STEP_LIMIT).default(STEP_LIMIT),
  cursor: z.string().min(1).max(500).optional(),
});
export type ListSteps = z.input<typeof listStepsSchema>;

/**
 * In the order of the definition; steps of `on_failure` and `finally` follow once their turn has come. `items` is there
 * for a `for_each`: one for each item, or group of them, in order; `rounds` for a `repeat`: one for each round.
 */
export const stepSchema = z
  .object({
    id: z.string(),
    status: z.enum(STEP_STATUSES),
    reason: z.string().nullable(),
    uses: z.string(),
    input: jsonSchema,
    output: jsonSchema,
    error: workErrorSchema.nullable(),
    files: z
      .array(stepFileSchema)
      .optional()
      .describe("What it handed back; of a for_each, its items have it."),
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    attempts: z.array(attemptSchema),
    inquiry: idSchema.optional().describe("The open question that it waits for."),
    items: z.array(itemSchema).nullable(),
    rounds: z.array(itemSchema).optional(),
    undo: undoSchema.optional(),
    reused: z
      .literal(true)
      .optional()
      .describe(
        "It was taken over, as a whole, from the run that this one tries again: its success, or a failure that that one went on with.",
      ),
    section: z
      .enum(["on_failure", "finally"])
      .optional()
      .describe("The list that it is in; left out for one of the workflow's `steps`."),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof stepSchema>;
