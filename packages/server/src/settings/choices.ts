import { nearest } from "@yardmaster/protocol";
import { z } from "zod";

/** A whole number within a range: as a number, or in digits. */
export function whole(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  const digits = z
    .string()
    .regex(/^\s*\d+\s*$/)
    .transform(Number);
  // Not z.coerce, which takes true for 1 and a list of one number for that number.
  return z
    .union([z.number(), digits], { error })
    .pipe(z.number().int(error).min(least, error).max(most, error));
}

/** A text; in `yard.yaml` a number is none. */
export const text = z.string({ error: "must be a text, in quotes" }).min(1, "is empty");

export const port = whole(0, 65_535);

/** A text of which `flawOf` finds nothing wrong. */
export function flawless(texts: z.ZodString, flawOf: (text: string) => string | undefined) {
  return texts.superRefine((given, context) => {
    const message = flawOf(given);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

/** One of a few words; a wrong one is told with the nearest. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => {
      const near = nearest(String(input), words);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return `"${String(input)}" is none of ${words.join(", ")}${hint}`;
    },
  });
}
