import { z } from "zod";
import { idSchema, timeSchema } from "./values.ts";

export const DECISION_STATUSES = ["matched", "not_matched", "held", "error"] as const;
export type DecisionStatus = (typeof DECISION_STATUSES)[number];

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
    replay: z.number().int().describe("0 when the event arrived; then which replay of it."),
    decided_at: timeSchema,
  })
  .meta({ id: "Decision" });
export type Decision = z.infer<typeof decisionSchema>;
