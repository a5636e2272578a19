import { nearest } from "@yardmaster/protocol";
import { z } from "zod";

/** A whole number within a range. */
export function whole(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int(error).min(least, error).max(most, error);
}

export const port = whole(0, 65_535);

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
