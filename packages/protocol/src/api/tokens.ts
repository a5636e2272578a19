import { z } from "zod";
import { SCOPES } from "../scopes.ts";
import { parseDuration } from "../text/duration.ts";
import { idSchema, nameSchema, timeSchema } from "./values.ts";

/** Longer than any token should live: a token without `expires_in` is the honest way to say "for ever". */
const MAX_TOKEN_LIFE_DAYS = 3_650;
export const MAX_TOKEN_LIFE_MS = MAX_TOKEN_LIFE_DAYS * 86_400_000;

const lifeSchema = z
  .string()
  .max(50)
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= 1_000 && ms <= MAX_TOKEN_LIFE_MS;
  }, `must be a duration from 1s to ${MAX_TOKEN_LIFE_DAYS}d, such as 30d or 12h`);

/** Body of `POST /v1/tokens`. Without `expires_in` the token is valid until it is revoked. */
export const createTokenSchema = z
  .strictObject({
    name: nameSchema,
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
    expires_in: lifeSchema.optional().describe("A duration from now: `30d`."),
  })
  .meta({ id: "CreateToken" });
export type CreateToken = z.infer<typeof createTokenSchema>;

export const tokenSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_by: z.string(),
    created_at: timeSchema,
    expires_at: timeSchema.nullable().describe("Null: valid until it is revoked."),
    last_used_at: timeSchema.nullable().describe("To the minute; null: never used."),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof tokenSchema>;

/** Answer of `POST /v1/tokens`: the only time that `token` is shown. */
export const createdTokenSchema = tokenSchema
  .extend({ token: z.string() })
  .meta({ id: "CreatedToken" });
export type CreatedToken = z.infer<typeof createdTokenSchema>;
