import { z } from "zod";
import { idSchema } from "./values.ts";

/** Why a run is where it is: sentences, from the cause to what would unblock it. */
export const explanationSchema = z
  .object({
    id: idSchema,
    status: z.string(),
    summary: z.string(),
    chain: z.array(z.string()),
    unblock: z.array(z.string()),
  })
  .meta({ id: "Explanation" });
export type Explanation = z.infer<typeof explanationSchema>;

/** The interpreter, run again over a run's recorded history. `difference` is the first decision that differs. */
export const verificationSchema = z
  .object({
    id: idSchema,
    advances: z.number().int(),
    same: z.boolean(),
    difference: z
      .object({ version: z.number().int(), recorded: z.string(), now: z.string() })
      .optional(),
  })
  .meta({ id: "Verification" });
export type Verification = z.infer<typeof verificationSchema>;
