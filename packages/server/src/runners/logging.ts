import type { LogLevel } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { storable } from "./output/capture.ts";
import { type AttemptContext, type AttemptResult, NOTHING_RAN } from "./runner.ts";

/** `core.log`: one line in the log of the attempt; what is wrong stands on stderr, with its level. */
export function runLog(
  context: Pick<AttemptContext, "input" | "onLog">,
  now: () => number,
): AttemptResult {
  const { text, level } = readInput(context.input);
  const stream = level === "warn" || level === "error" ? "stderr" : "stdout";
  const mark = level === "info" ? "" : `[${level}] `;
  void context.onLog({ stream, text: storable(`${mark}${text}\n`), at: now() });
  return {
    status: "success",
    output: null,
    facts: NOTHING_RAN,
  };
}

/** The schema of `core.log` has checked it before the attempt. */
function readInput(input: Json): { readonly text: string; readonly level: LogLevel } {
  const { text = "", level = "info" } = input as { text?: string; level?: LogLevel };
  return { text, level };
}
