import { z } from "zod";
import { timeSchema } from "./values.ts";

export const CHECK_STATUSES = ["ok", "warn", "bad"] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** One thing that was looked at. */
export const checkSchema = z
  .object({
    check: z.string().describe("What was looked at: `postgres.version`."),
    status: z.enum(CHECK_STATUSES),
    summary: z.string(),
    advice: z.string().nullable().describe("What to do; null where nothing need be done."),
  })
  .meta({ id: "Check" });
export type Check = z.infer<typeof checkSchema>;

export const checkupSchema = z
  .object({ checked_at: timeSchema, checks: z.array(checkSchema) })
  .meta({ id: "Checkup" });
export type Checkup = z.infer<typeof checkupSchema>;
