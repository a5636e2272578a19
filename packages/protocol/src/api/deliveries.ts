import { z } from "zod";
import { idSchema, instantSchema, pageFields, timeSchema, wholeNumberSchema } from "./values.ts";

/** Query of `GET /v1/deliveries`, newest first. All that are given must hold. */
export const listDeliveriesSchema = z.strictObject({
  ...pageFields,
  source: z.string().min(1).max(300).optional(),
  problem: z
    .enum(["true", "false"])
    .optional()
    .describe("`true`: only those from which no event could be made; `false`: only the others."),
  since: instantSchema.optional().describe("Arrived at this time or later, RFC 3339."),
  until: instantSchema.optional().describe("Arrived before this time."),
});
export type ListDeliveries = z.input<typeof listDeliveriesSchema>;

/** What a source sent, as it arrived. It was verified: what was not is not kept. */
export const deliverySchema = z
  .object({
    id: idSchema,
    channel: z
      .string()
      .describe("webhook, api, sensor, schedule, or tracker for what was found by asking one."),
    source: z.string(),
    received_at: timeSchema,
    sender_id: z.string().nullable().describe("The sender's own id of it."),
    content_type: z.string().nullable(),
    body_bytes: z.number().int(),
    verified_by: z.string().describe("Which secret the signature matched, or who posted it."),
    event_id: idSchema.nullable().describe("Null of a duplicate, and of one with a problem."),
    duplicate_of: idSchema.nullable(),
    problem: z.string().nullable().describe("Why no event could be made of it."),
  })
  .meta({ id: "Delivery" });
export type DeliveryRecord = z.infer<typeof deliverySchema>;

/** The delivery of an event, with what was sent beside its body, which is the event's data. */
export const eventDeliverySchema = deliverySchema
  .omit({ content_type: true })
  .extend({
    headers: z.record(z.string(), z.string()),
    duplicates: z.array(idSchema).describe("Deliveries that repeat it; the first 100."),
  })
  .meta({ id: "EventDelivery" });
const BODY_LIMIT = 64 * 1024;
const MAX_BODY_LIMIT = 1024 * 1024;

/** Query of `GET /v1/deliveries/{id}`. */
export const readDeliverySchema = z.strictObject({
  body_limit: wholeNumberSchema(0, MAX_BODY_LIMIT)
    .default(BODY_LIMIT)
    .describe("How many bytes of the body are shown at most."),
});
export interface ReadDelivery {
  readonly body_limit?: number;
}

export const deliveryBodySchema = z
  .object({
    encoding: z.enum(["text", "base64"]).describe("base64: it is no UTF-8."),
    value: z.string(),
    cut: z.boolean().describe("Whether `body_limit` left some of it out."),
  })
  .meta({ id: "DeliveryBody" });
export type DeliveryBody = z.infer<typeof deliveryBodySchema>;

/** A delivery with all that is kept of it. */
export const deliveryDetailSchema = deliverySchema
  .extend({
    headers: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .describe("Those that let their reader act as the sender are not shown."),
    body: deliveryBodySchema
      .nullable()
      .describe("Null where it was the data of an event that is gone."),
    event: idSchema
      .nullable()
      .describe("The event that came of it, or of the delivery that it repeats."),
    duplicates: z.array(idSchema).describe("Deliveries that repeat it, the first 100."),
  })
  .meta({ id: "DeliveryDetail" });
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
