import { z } from "zod";
import { DECISION_STATUSES } from "./decisions.ts";
import { explanationSchema } from "./explain.ts";
import { fieldErrorSchema } from "./problem.ts";
import { idSchema, instantSchema, jsonSchema, timeSchema } from "./values.ts";

/** `paused`: switched off by a person; `off`: by `enabled: false` in its file. Both hold what they would judge. */
export const RULE_STATUSES = ["active", "paused", "off"] as const;

/** Query of `GET /v1/rules`. */
export const listRulesSchema = z.strictObject({ status: z.enum(RULE_STATUSES).optional() });
export type ListRules = z.input<typeof listRulesSchema>;

export const ruleSchema = z
  .object({
    rule: z.string(),
    on: z.string().describe("The event type it listens on; `gitea.*` is all of a kind."),
    if: z.string().nullable(),
    run: z.string(),
    status: z.enum(RULE_STATUSES),
    since: timeSchema.describe("When it was switched so, or its pack was activated."),
    by: z.string().describe("Who switched it: `token:<name>`, or `pack:<name>` for its file."),
    matched: z
      .object({
        count: z.number().int(),
        at_least: z.boolean().describe("There are more: not all were counted."),
        last_at: timeSchema.nullable(),
      })
      .describe("Of the events that arrived in the last 24 hours."),
    description: z.string().nullable(),
  })
  .meta({ id: "Rule" });
export type Rule = z.infer<typeof ruleSchema>;

export const ruleDetailSchema = ruleSchema
  .extend({
    pack: z.string(),
    pack_digest: z.string(),
    folder: z.string().describe("Where its pack was read from, on the machine that read it."),
    file: z.string().describe("From that folder."),
    line: z.number().int(),
    source: z.string().describe("The text of the file, as it is in force."),
    errors: z
      .array(fieldErrorSchema)
      .describe("What is wrong in the folder now, its own file first: `source` goes on meanwhile."),
  })
  .meta({ id: "RuleDetail" });
export type RuleDetail = z.infer<typeof ruleDetailSchema>;

export const ruleExplanationSchema = explanationSchema
  .omit({ id: true })
  .extend({
    rule: z.string(),
    breaks: z.boolean().describe("It is active, and could not judge the newest event."),
    decisions: z.object({
      matched: z.number().int(),
      not_matched: z.number().int(),
      held: z.number().int(),
      error: z.number().int(),
    }),
    clauses: z
      .array(z.object({ clause: z.string(), count: z.number().int() }))
      .describe("The clauses that did not hold, the most frequent first."),
  })
  .meta({ id: "RuleExplanation" });
export type RuleExplained = z.infer<typeof ruleExplanationSchema>;

/** Most events that one request judges; the answer's `next` goes on behind them. */
export const MAX_HISTORY = 5_000;
/** Most matches that one answer holds. */
export const MAX_MATCHES = 100;
/** Matches in an answer where nothing is said. */
export const DEFAULT_MATCHES = 10;

/** What chooses among the events since a time, and of a single one would mean nothing. */
const OF_SINCE = ["until", "matches", "limit", "cursor"] as const;

/**
 * Body of `POST /v1/rules/test`: one rule (by its ref, or as a file that need not be loaded) against one event (by
 * its id, or given whole) or the events that arrived since a time.
 */
export const testRuleSchema = z
  .strictObject({
    rule: z.string().min(1).max(300).optional(),
    file: z
      .strictObject({ path: z.string().min(1).max(300), text: z.string().min(1).max(262_144) })
      .optional(),
    event_id: idSchema.optional(),
    event: jsonSchema.optional().describe("A CloudEvent, as POST /v1/events takes it."),
    since: instantSchema.optional(),
    until: instantSchema.optional(),
    matches: z.number().int().min(0).max(MAX_MATCHES).optional().meta({ default: DEFAULT_MATCHES }),
    limit: z.number().int().min(1).max(MAX_HISTORY).optional().meta({ default: MAX_HISTORY }),
    cursor: idSchema.optional().describe("`next` of the answer before."),
  })
  .refine((body) => (body.rule === undefined) !== (body.file === undefined), {
    message: "give either `rule` or `file`",
    path: ["rule"],
  })
  .refine(
    (body) =>
      [body.event_id, body.event, body.since].filter((given) => given !== undefined).length === 1,
    { message: "give one of `event_id`, `event` and `since`", path: ["event_id"] },
  )
  .superRefine((body, { addIssue }) => {
    if (body.since !== undefined) return;
    for (const name of OF_SINCE)
      if (body[name] !== undefined)
        addIssue({
          code: "custom",
          path: [name],
          message: "goes with `since`, not with a single event",
        });
  })
  .meta({ id: "TestRule" });
export type TestRule = z.input<typeof testRuleSchema>;

/** The run that a rule would start. */
const wouldRun = z.object({ ref: z.string(), input: jsonSchema }).nullable();

export const ruleTrialSchema = z
  .object({
    rule: z.string(),
    listens: z.boolean().describe("Whether the event is of a type that it listens on."),
    held: z.string().nullable().describe("By what it would be held back now."),
    status: z.enum(DECISION_STATUSES),
    clause: z.string().nullable(),
    reason: z.string().nullable(),
    clauses: z.array(
      z.object({
        clause: z.string(),
        outcome: z.enum(["true", "false", "missing", "error"]),
        message: z.string().nullable(),
        values: z.array(
          z.object({
            path: z.string(),
            found: z.boolean(),
            value: jsonSchema,
            cut: z.boolean().describe("`value` is the beginning of its JSON: it is too long."),
          }),
        ),
      }),
    ),
    run: wouldRun,
  })
  .meta({ id: "RuleTrial" });
export type RuleTrial = z.infer<typeof ruleTrialSchema>;

export const ruleHistorySchema = z
  .object({
    rule: z.string(),
    held: z.string().nullable(),
    judged: z.number().int(),
    matched: z.number().int(),
    not_matched: z.number().int(),
    error: z.number().int(),
    clauses: z.array(z.object({ clause: z.string(), count: z.number().int() })),
    matches: z.array(
      z.object({
        event_id: idSchema,
        type: z.string(),
        source: z.string(),
        subject: z.string().nullable(),
        received_at: timeSchema,
        run: wouldRun,
      }),
    ),
    errors: z
      .array(z.object({ event_id: idSchema, reason: z.string() }))
      .describe("The first ten."),
    next: idSchema.nullable().describe("There are more events: ask again with it as `cursor`."),
  })
  .meta({ id: "RuleHistory" });
export type RuleHistory = z.infer<typeof ruleHistorySchema>;
