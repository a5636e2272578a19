import { z } from "zod";
import { idSchema, pageFields, timeSchema } from "./values.ts";

export const DECISION_STATUSES = ["matched", "not_matched", "held", "error"] as const;
export type DecisionStatus = (typeof DECISION_STATUSES)[number];

/** Newest first. */
export const listDecisionsSchema = z.strictObject({
  ...pageFields,
  event: idSchema.optional(),
  rule: z.string().min(1).max(300).optional(),
  status: z.enum(DECISION_STATUSES).optional(),
});
export type ListDecisions = z.input<typeof listDecisionsSchema>;

/** The record of one rule judging one event. */
export const decisionSchema = z
  .object({
    id: idSchema,
    event_id: idSchema,
    rule: z.string(),
    status: z.enum(DECISION_STATUSES),
    clause: z.string().nullable().describe("The part of the condition that did not hold."),
    reason: z.string().nullable().describe("By what it was held, or what was wrong."),
    run_id: idSchema.nullable(),
    replay: z.number().int(),
    decided_at: timeSchema,
  })
  .meta({ id: "Decision" });
export type Decision = z.infer<typeof decisionSchema>;
