import type { JsonObject } from "@yardmaster/protocol";
import { describeBytes } from "../limits.ts";
import { storable } from "../output/capture.ts";
import type { AttemptContext } from "../runner.ts";

/** A line of the log bears as much of what a server says. */
const MOST_CHARS = 2_000;

const GRAVE: readonly unknown[] = ["warning", "error", "critical", "alert", "emergency"];

export interface Teller {
  /** A notification of the server: what it logs, and how far it is. */
  notified(method: string, params: JsonObject): void;
  /** A line on its stdout that is none of the protocol's. */
  stray(line: string): void;
}

/** Tells in the log of an attempt what its server says beside the answer, up to a limit that is said there when it is hit. */
export function createTeller({
  onLog,
  masker,
  now,
  limitBytes,
}: Pick<AttemptContext, "onLog" | "masker"> & {
  readonly now: () => number;
  readonly limitBytes: number;
}): Teller {
  let bytes = 0;

  function tell(stream: "stdout" | "stderr", told: string): void {
    if (bytes > limitBytes) return;
    const clean = masker?.text(told) ?? told;
    const line = clean.length > MOST_CHARS ? `${clean.slice(0, MOST_CHARS)} …` : clean;
    const text = storable(`${line.toWellFormed()}\n`);
    bytes += Buffer.byteLength(text);
    const cut = `[yard] what the server says is told no more: its log has ${describeBytes(limitBytes)} (YARD_MAX_LOG).\n`;
    void onLog({ stream, text: bytes > limitBytes ? cut : text, at: now() });
  }

  return {
    notified(method, params) {
      if (method === "notifications/message") {
        const { level, logger, data } = params;
        const who = typeof logger === "string" ? ` ${logger}:` : "";
        const what = typeof data === "string" ? data : JSON.stringify(data ?? null);
        const stream = GRAVE.includes(level) ? "stderr" : "stdout";
        tell(stream, `[mcp] ${typeof level === "string" ? level : "info"}${who} ${what.trimEnd()}`);
      }
      if (method === "notifications/progress") tell("stdout", `[mcp] ${progressOf(params)}`);
    },
    stray: (line) => tell("stderr", `[mcp] no message on stdout: ${line}`),
  };
}

function progressOf({ progress, total, message }: JsonObject): string {
  const share = typeof total === "number" ? `${progress} of ${total}` : String(progress);
  return typeof message === "string" ? `${share}: ${message}` : share;
}
