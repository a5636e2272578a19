import { z } from "zod";
import { parseDuration } from "../text/duration.ts";
import { idSchema, nameSchema, timeSchema } from "./values.ts";

/** Body of `POST /v1/sources`. The secret is sealed and never shown again. */
export const createSourceSchema = z
  .strictObject({
    name: nameSchema,
    kind: nameSchema,
    secret: z.string().min(1).max(1000).optional(),
  })
  .meta({ id: "CreateSource" });
export type CreateSource = z.infer<typeof createSourceSchema>;

/** Body of `POST /v1/sources/{name}/rotate`. At most two secrets are active. */
export const rotateSourceSchema = z
  .strictObject({
    secret: z.string().min(1).max(1000),
    previous_valid_for: z
      .string()
      .default("24h")
      .refine((text) => parseDuration(text) !== undefined, "must be a duration such as 24h or 0s")
      .describe("How long the secret before goes on; `0s` ends it at once."),
  })
  .meta({ id: "RotateSource" });
export type RotateSource = z.input<typeof rotateSourceSchema>;

export const sourceSchema = z
  .object({
    id: idSchema.nullable().describe("Null for a source that a pack defines."),
    name: z.string(),
    kind: z.string(),
    status: z.enum(["active", "unready"]),
    reason: z.string().nullable().describe("What is missing before it takes deliveries."),
    webhook_path: z.string().nullable().describe("Where its sender posts to."),
    has_secret: z.boolean(),
    previous_secret_until: timeSchema
      .nullable()
      .describe("Until when the secret before the last rotation is taken too; null where none is."),
    refused: z
      .object({ count: z.number().int(), last_at: timeSchema, last_reason: z.string() })
      .nullable()
      .describe("Webhooks that were refused for their signature: how many, when and why the last."),
    origin: z.string().describe("`api` or `pack:<name>`."),
    created_at: timeSchema.nullable(),
  })
  .meta({ id: "Source" });
export type Source = z.infer<typeof sourceSchema>;
