import { z } from "zod";
import type { ErrorCode } from "../errors/errors.ts";
import { flagSchema, pageFields, timeSchema, wholeNumberSchema } from "./values.ts";

export const LOG_STREAMS = ["stdout", "stderr", "yard", "raw"] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

/** Most lines that `tail` asks for, and most bytes that it goes back over for them. */
export const MAX_TAIL_LINES = 10_000;
export const MAX_TAIL_BYTES = 10 * 1024 * 1024;

/** What a tail left out before its first piece was not asked for, or had no room in `MAX_TAIL_BYTES`. */
export const LOG_OLDER = ["not_asked", "too_large"] as const;
export type LogOlder = (typeof LOG_OLDER)[number];

/** `follow=true` answers with JSON lines as they are written, until the run has ended. */
export const readLogsSchema = z.strictObject({
  ...pageFields,
  step: z.string().min(1).max(300).optional(),
  follow: flagSchema,
  raw: flagSchema.describe("With the lines that agents print for Yardmaster, as they print them."),
  tail: wholeNumberSchema(1, MAX_TAIL_LINES)
    .optional()
    .describe(
      "Begins so many lines before the end of the log, or of the step. With `cursor`, which goes on behind it, it says nothing.",
    ),
});
export type ReadLogs = z.input<typeof readLogsSchema>;

/**
 * A piece of what an attempt wrote; lines may go on in the next, and an attempt that has ended has ended its last. `seq`
 * counts within (step, attempt).
 */
export const logLineSchema = z
  .object({
    cursor: z.string().describe("Place in the log: a page after it goes on behind it."),
    step: z.string().describe("`<step>`, or `<step>#<index>` for an item of a for_each."),
    attempt: z.number().int(),
    seq: z.number().int(),
    stream: z.enum(LOG_STREAMS),
    at: timeSchema,
    text: z.string(),
    older: z
      .enum(LOG_OLDER)
      .optional()
      .describe(
        "On the first piece of a `tail`, where older text was left out: it was not asked for, or is too large: a tail has at most 10 MiB.",
      ),
  })
  .meta({ id: "LogLine" });
export type LogLine = z.infer<typeof logLineSchema>;

/**
 * Last line of `follow=true` where it ends before the run has: `unavailable` when the server stops, its database is
 * away, or what was sent was not read (ask again, behind the last cursor), `unauthorized` when the token is not valid
 * any more. A connection that breaks has none: the log is whole only when the run has ended and nothing comes behind.
 */
export interface LogCut {
  readonly type: "cut";
  readonly code: ErrorCode;
  readonly reason: string;
}
