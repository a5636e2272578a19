import { z } from "zod";
import { idSchema, nameSchema, timeSchema } from "./values.ts";

/** What a token may do. `admin` may do all, tokens included; no other scope includes another. */
export const SCOPES = [
  "admin",
  "runs:read",
  "runs:write",
  "events:read",
  "events:write",
  "sources:read",
  "sources:write",
  "packs:read",
  "packs:write",
  "status:read",
  "metrics:read",
] as const;
export type Scope = (typeof SCOPES)[number];

export const createTokenSchema = z
  .strictObject({
    name: nameSchema,
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
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
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof tokenSchema>;

/** Answer of `POST /v1/tokens`: the only time that `token` is shown. */
export const createdTokenSchema = tokenSchema
  .extend({ token: z.string() })
  .meta({ id: "CreatedToken" });
export type CreatedToken = z.infer<typeof createdTokenSchema>;
