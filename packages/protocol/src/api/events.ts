import { z } from "zod";
import { decisionSchema } from "./decisions.ts";
import { idSchema, jsonSchema, pageFields, timeSchema } from "./values.ts";

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
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: z.literal("application/json").optional(),
    dataschema: z.string().max(1000).optional(),
    traceparent: z.string().max(55).optional(),
    data: jsonSchema.optional(),
  })
  .meta({ id: "PostEvent" });
export type PostEvent = z.infer<typeof postEventSchema>;

/** Newest first. */
export const listEventsSchema = z.strictObject({
  ...pageFields,
  type: z.string().min(1).max(300).optional(),
  source: z.string().min(1).max(300).optional(),
});
export type ListEvents = z.input<typeof listEventsSchema>;

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
