import { z } from "zod";
import { MAX_SECRET_BYTES, SECRET_NAME } from "../secret-name.ts";
import { nameSchema, timeSchema } from "./values.ts";

export const secretNameSchema = z
  .string()
  .regex(SECRET_NAME, "must be 1 to 63 of a-z, 0-9, '_' and '-', beginning with a letter");

const describedFields = {
  description: z.string().min(1).max(1000).nullable().optional(),
  packs: z
    .array(nameSchema)
    .min(1)
    .max(100)
    .nullable()
    .optional()
    .describe("The packs that may use it; null: all."),
};

/** Body of `PUT /v1/secrets/{name}`. The value is sealed, and no answer ever has it. */
export const putSecretSchema = z
  .strictObject({
    value: z
      .string()
      .min(1)
      .refine((text) => !text.includes("\0"), "holds a NUL character, which no secret may")
      .refine((text) => text.isWellFormed(), "holds half of a character (a lone surrogate)")
      .refine(
        (text) => new TextEncoder().encode(text).length <= MAX_SECRET_BYTES,
        `is larger than ${MAX_SECRET_BYTES / 1024} KiB`,
      )
      .describe("A text of up to 64 KiB; of anything else, its text."),
    ...describedFields,
  })
  .meta({ id: "PutSecret" });
export type PutSecret = z.infer<typeof putSecretSchema>;

/** Body of `PATCH /v1/secrets/{name}`: what is left out stays. */
export const changeSecretSchema = z.strictObject(describedFields).meta({ id: "ChangeSecret" });
export type ChangeSecret = z.infer<typeof changeSecretSchema>;

/** What names a secret in the active packs. */
export const secretUseSchema = z.object({
  kind: z.enum(["action", "source", "agent"]),
  ref: z.string().describe("Of the action; of an agent, of the action that asks it."),
  pack: z.string(),
  allowed: z.boolean().describe("False: `packs` leaves its pack out, so it is not given."),
});

export const secretSchema = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    packs: z.array(z.string()).nullable().describe("The packs that may use it; null: all."),
    revision: z.number().int().describe("Grows with each new value, from 1."),
    status: z
      .enum(["ok", "unreadable"])
      .describe("unreadable: it was sealed under another master key, and must be set again."),
    used_by: z.array(secretUseSchema).describe("In the packs that are active."),
    created_at: timeSchema,
    created_by: z.string(),
    updated_at: timeSchema.describe("Of the last change, of the value or of what is said of it."),
    updated_by: z.string(),
  })
  .meta({ id: "Secret" });
export type Secret = z.infer<typeof secretSchema>;
export type SecretUse = z.infer<typeof secretUseSchema>;
