import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import { flagSchema, pageFields, timeSchema } from "./values.ts";

export const LOG_STREAMS = ["stdout", "stderr", "yard"] as const;

/** `follow=true` answers with JSON lines as they are written, until the run has ended. */
export const readLogsSchema = z.strictObject({
  ...pageFields,
  step: z.string().min(1).max(300).optional(),
  follow: flagSchema,
});
export type ReadLogs = z.input<typeof readLogsSchema>;

/** A piece of what an attempt wrote; lines may go on in the next. `seq` counts within (step, attempt). */
export const logLineSchema = z
  .object({
    cursor: z.string().describe("Place in the log: a page after it goes on behind it."),
    step: z.string().describe("`<step>`, or `<step>#<index>` for an item of a for_each."),
    attempt: z.number().int(),
    seq: z.number().int(),
    stream: z.enum(LOG_STREAMS),
    at: timeSchema,
    text: z.string(),
  })
  .meta({ id: "LogLine" });
export type LogLine = z.infer<typeof logLineSchema>;

/**
 * Last line of `follow=true` where it ends before the run has: `unavailable` when the server stops (ask again, behind
 * the last cursor), `unauthorized` when the token is not valid any more.
 */
export interface LogCut {
  readonly type: "cut";
  readonly code: ErrorCode;
  readonly reason: string;
}
