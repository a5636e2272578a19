import { z } from "zod";
import { stepFileSchema } from "./steps.ts";
import { idSchema } from "./values.ts";

/** A file of a run, with the step that handed it back. */
export const runFileSchema = z
  .object({
    step: z.string(),
    item: z
      .number()
      .int()
      .nullable()
      .describe("Of a for_each or a repeat: which item or round, from 0."),
    attempt: z
      .number()
      .int()
      .nullable()
      .describe("Null where the result was taken over from the run that this one tries again."),
    ...stepFileSchema.shape,
  })
  .meta({ id: "RunFile" });
export type RunFile = z.infer<typeof runFileSchema>;

/** Which file of a run; its content is told by its checksum. */
export const runFileParams = z.strictObject({
  id: idSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex"),
});

export const readRunFileSchema = z.strictObject({
  download: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("The name under which browsers save it."),
});
