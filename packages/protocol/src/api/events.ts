import { z } from "zod";
import { DECISION_STATUSES, decisionSchema } from "./decisions.ts";
import { eventDeliverySchema } from "./deliveries.ts";
import { runSchema } from "./runs.ts";
import {
  idPartFields,
  idSchema,
  instantSchema,
  jsonSchema,
  pageFields,
  timeSchema,
} from "./values.ts";

/**
 * Body of `POST /v1/events`: a CloudEvent 1.0 in structured mode. `source` and `id` together name it: the same
 * pair again is a duplicate. Extension attributes are kept out: only those of the specification are taken.
 */
export const postEventSchema = z
  .strictObject({
    specversion: z.literal("1.0").optional(),
    id: z.string().min(1).max(300).optional(),
    source: z.string().min(1).max(300).optional(),
    type: z.string().min(1).max(300),
    subject: z.string().min(1).max(1000).optional(),
    time: instantSchema.optional(),
    datacontenttype: z.literal("application/json").optional(),
    dataschema: z.string().max(1000).optional(),
    traceparent: z.string().max(55).optional(),
    data: jsonSchema.optional(),
  })
  .meta({ id: "PostEvent" });
export type PostEvent = z.infer<typeof postEventSchema>;

const text = z.string().min(1).max(300);
/** No event has a type with a `*`: elsewhere in the text it would be looked for in vain, and nothing would be found. */
const TYPE_FILTER = /^[^*]+(\.\*)?$/;

/** Which events are meant. All that are given must hold. */
export const eventFilterFields = {
  type: text
    .regex(TYPE_FILTER, "must be an event type, or the beginning of one and .*, such as gitea.*")
    .optional()
    .describe("A type, or the beginning of one and `.*`: `gitea.*`."),
  source: text.optional(),
  subject: z.string().min(1).max(1000).optional(),
  since: instantSchema.optional().describe("Arrived at this time or later, RFC 3339."),
  until: instantSchema.optional().describe("Arrived before this time, RFC 3339."),
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "must be a trace id: 32 of 0-9 and a-f")
    .optional(),
} as const;

/** What became of an event: a decision of that status, or `unheard`: no rule judged it. */
export const EVENT_OUTCOMES = [...DECISION_STATUSES, "unheard"] as const;
export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

/** Newest first. With `rule` and `outcome` both, the decision of that rule has that status. */
export const listEventsSchema = z.strictObject({
  ...pageFields,
  ...eventFilterFields,
  ...idPartFields,
  rule: text.optional(),
  outcome: z.enum(EVENT_OUTCOMES).optional(),
  payloads: z
    .enum(["true", "false"])
    .optional()
    .describe('With "false" the events come without their data and extensions.'),
});
export type ListEvents = z.input<typeof listEventsSchema>;

/** Newest event first. The filters of events hold for the event that was judged. */
export const listDecisionsSchema = z.strictObject({
  ...pageFields,
  ...eventFilterFields,
  event: idSchema.optional(),
  rule: text.optional(),
  status: z.enum(DECISION_STATUSES).optional(),
});
export type ListDecisions = z.input<typeof listDecisionsSchema>;

/** An immutable fact in CloudEvents terms. `time` is when it happened, `received_at` when it was stored. */
export const eventSchema = z
  .object({
    id: idSchema,
    source: z.string(),
    type: z.string(),
    subject: z.string().nullable(),
    time: timeSchema,
    received_at: timeSchema,
    delivery_id: idSchema.nullable(),
    traceparent: z.string().nullable(),
    data: jsonSchema,
  })
  .meta({ id: "Event" });
export type YardEvent = z.infer<typeof eventSchema>;

const count = z.number().int();
/** How many rules and tasks said what of an event; of each what it said last. */
const judgedSchema = z
  .object({ matched: count, not_matched: count, held: count, error: count })
  .describe("How many judged it how; each by what it said last.");
export type JudgedCounts = z.infer<typeof judgedSchema>;

/** An event in a list. */
export const listedEventSchema = eventSchema
  .extend({ judged: judgedSchema })
  .meta({ id: "ListedEvent" });
export type ListedEvent = z.infer<typeof listedEventSchema>;

/** An event with all that is kept of it, and what came of it. */
export const eventDetailSchema = eventSchema
  .extend({
    origin_id: z.string().nullable().describe("The sender's own id of it."),
    dataschema: z.string().nullable(),
    extensions: jsonSchema.nullable().describe("Further attributes of the CloudEvent."),
    depth: z.number().int().describe("Runs between it and what came from outside: 0 for what did."),
    caused_by: idSchema
      .nullable()
      .describe("Of an event of our own: the event that started the run it tells of."),
    delivery: eventDeliverySchema.nullable(),
    decisions: z.array(decisionSchema),
    runs: z
      .array(runSchema)
      .describe(
        "At most 200, newest first; fewer where their inputs and outputs come to 8 MiB. Null for a token without runs:read.",
      )
      .nullable(),
    more_runs: z
      .boolean()
      .nullable()
      .describe("Whether it started more: `/v1/runs?event=` lists them all, page by page."),
  })
  .meta({ id: "EventDetail" });
export type EventDetail = z.infer<typeof eventDetailSchema>;

/** Answer of `POST /v1/events`, when it is durable. A duplicate is not judged again and has no decisions. */
export const acceptedEventSchema = z
  .object({
    id: idSchema,
    type: z.string(),
    duplicate_of: idSchema.nullable(),
    decisions: z.array(decisionSchema),
  })
  .meta({ id: "AcceptedEvent" });
export type AcceptedEvent = z.infer<typeof acceptedEventSchema>;
