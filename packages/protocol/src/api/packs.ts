import { z } from "zod";
import { fieldErrorSchema } from "./problem.ts";
import { timeSchema } from "./values.ts";

export const PACK_STATUSES = ["active", "broken"] as const;

/** Query of `GET /v1/packs`. */
export const listPacksSchema = z.strictObject({ status: z.enum(PACK_STATUSES).optional() });
export type ListPacks = z.input<typeof listPacksSchema>;

/** A pack as it stands. When a broken edit was refused, `errors` say why and the version before goes on. */
export const packSchema = z
  .object({
    pack: z.string(),
    version: z.string(),
    status: z.enum(PACK_STATUSES),
    digest: z
      .string()
      .nullable()
      .describe("Of the active content; null when no version was ever good."),
    folder: z.string(),
    actions: z.array(z.string()),
    workflows: z.array(z.string()),
    rules: z.array(z.string()),
    queues: z.array(z.string()),
    agents: z.array(z.string()),
    sources: z.array(z.string()),
    sensors: z.array(z.string()),
    tasks: z.array(z.string()),
    errors: z.array(fieldErrorSchema),
    errors_since: timeSchema
      .nullable()
      .describe("Since when these are the errors: an edit that changes them begins anew."),
    loaded_at: timeSchema.nullable(),
  })
  .meta({ id: "Pack" });
export type Pack = z.infer<typeof packSchema>;
