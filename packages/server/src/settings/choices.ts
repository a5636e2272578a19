import { nearest, parseDuration } from "@yardmaster/protocol";
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

export const A_DURATION = "must be a duration with its unit, such as 30s, 1m30s or 7d";
/** Milliseconds. */
export const duration = z.string({ error: A_DURATION }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: "custom",
    message: `"${text}" is no duration; write it like 30s or 1m30s`,
  });
  return z.NEVER;
});

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
