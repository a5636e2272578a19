import { z } from "zod";
import { DECISION_STATUSES } from "./decisions.ts";
import { EVENT_OUTCOMES, eventFilterFields } from "./events.ts";
import { idSchema, instantSchema, jsonSchema } from "./values.ts";

/** Most events that one request of a bulk replay judges. */
export const MAX_REPLAYED = 200;

const rule = z.string().min(1).max(300).optional().describe("Only this rule judges.");
const dryRun = z.boolean().default(false).describe("Says what would be, and does nothing.");

/** Body of `POST /v1/events/{id}/replay`. With an Idempotency-Key the same again is the same replay. */
export const replayEventSchema = z
  .strictObject({ rule, dry_run: dryRun })
  .meta({ id: "ReplayEvent" });
export type ReplayEvent = z.input<typeof replayEventSchema>;

/**
 * Body of `POST /v1/events/replay`: up to `limit` of the events that the filter means, the oldest first. `batch`
 * is an id that the caller made: only what arrived before it was made is replayed, and an event once in it, however
 * often the request is sent. Ask again with `next` as `cursor` until there is none.
 */
export const replayEventsSchema = z
  .strictObject({
    ...eventFilterFields,
    since: instantSchema,
    batch: idSchema,
    rule,
    outcome: z
      .enum(EVENT_OUTCOMES)
      .optional()
      .describe(
        "Only events of which the rule's latest decision is this, such as `held` of one that was paused, or `error`; `unheard`: that it never judged. Needs `rule`.",
      ),
    dry_run: dryRun,
    limit: z.number().int().min(1).max(MAX_REPLAYED).default(100),
    cursor: idSchema.optional(),
  })
  // Other rules, which may have matched, would judge too.
  .refine(({ outcome, rule }) => outcome === undefined || rule !== undefined, {
    path: ["outcome"],
    message: "needs `rule`: whose decision is meant, and which alone judges",
  })
  .meta({ id: "ReplayEvents" });
export type ReplayEvents = z.input<typeof replayEventsSchema>;

/** An event judged again. Of a dry run `replay` and every `run_id` are null, and `run` is what would start. */
export const replayedSchema = z
  .object({
    event_id: idSchema,
    type: z.string(),
    replay: z.number().int().nullable(),
    repeated: z.boolean().describe("This request was carried out before; that is its answer."),
    decisions: z.array(
      z.object({
        rule: z.string(),
        status: z.enum(DECISION_STATUSES),
        clause: z.string().nullable(),
        reason: z.string().nullable(),
        run_id: idSchema.nullable(),
        run: z.object({ ref: z.string(), input: jsonSchema }).nullable(),
      }),
    ),
  })
  .meta({ id: "Replayed" });
export type Replayed = z.infer<typeof replayedSchema>;

export const replayReportSchema = z
  .object({
    batch: idSchema,
    dry_run: z.boolean(),
    events: z.array(replayedSchema).describe("Those that a rule judged."),
    unheard: z.number().int().describe("Events that no rule listens on."),
    next: idSchema.nullable(),
  })
  .meta({ id: "ReplayReport" });
export type ReplayReport = z.infer<typeof replayReportSchema>;
