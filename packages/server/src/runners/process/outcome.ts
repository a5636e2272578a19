import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Json, WorkError } from "@yardmaster/protocol";
import { type AttemptFacts, type AttemptResult, isWorkError } from "../runner.ts";
import { whyMissing } from "./missing-program.ts";
import type { Ending } from "./supervise.ts";

export const STDERR_TAIL_BYTES = 2048;

/** The result of a process that ran: stopped, failed, or what its output says. */
export function outcomeOf(
  ending: Ending,
  facts: AttemptFacts,
  from: {
    readonly timeoutMs: number;
    readonly stderrTail: () => string;
    readonly output: () => { readonly output: Json } | WorkError;
  },
): AttemptResult {
  const { stopped, exitCode, exitSignal, survived, lost } = ending;
  if (stopped) return stoppedResult({ stopped, timeoutMs: from.timeoutMs, survived }, facts);
  if (lost) return lostResult(facts);
  if (exitCode !== 0) {
    return { status: "failed", error: exitError(exitCode, exitSignal, from.stderrTail()), facts };
  }
  const output = from.output();
  if (isWorkError(output)) return { status: "failed", error: output, facts };
  return { status: "success", output: output.output, facts };
}

/** `survived`: it runs on, though it was killed. */
export function stoppedResult(
  how: {
    readonly stopped: NonNullable<Ending["stopped"]>;
    readonly timeoutMs: number;
    readonly survived?: boolean;
  },
  facts: AttemptFacts,
): AttemptResult {
  const { stopped, timeoutMs } = how;
  const alive = how.survived ? " It survived KILL and still runs: end it by hand." : "";
  if (stopped === "timeout") {
    const message = `The process did not end within ${timeoutMs / 1000} s and was stopped.${alive}`;
    const details = { timeout_ms: timeoutMs };
    return { status: "timed_out", error: { code: "timed_out", message, details }, facts };
  }
  const why = stopped === "cancel" ? "The attempt was canceled." : "The worker lost its lease.";
  return { status: "canceled", error: { code: "canceled", message: why + alive }, facts };
}

/** A process whose end nobody saw. It may have done its work: `on_lost` says whether that is looked for first. */
export function lostResult(facts: AttemptFacts): AttemptResult & { readonly status: "lost" } {
  const message =
    "The process was lost and killed: the spawner that had started it ended before it.";
  return { status: "lost", error: { code: "worker_lost", message }, facts };
}

function exitError(code: number | null, signal: string | null, stderr: string): WorkError {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const last = lastLines(stderr);
  return {
    code: "process_exit",
    message:
      last === "" ? `The process ${how}, without a word on stderr.` : `The process ${how}: ${last}`,
    details: signal ? { signal } : { exit_code: code },
  };
}

/**
 * Without its colours, which no reader of an error shows. A tail that was cut begins inside a line, or inside a
 * character: that line is left out where others follow.
 */
function lastLines(tail: string): string {
  const text = stripVTControlCharacters(tail).trimEnd();
  const firstBreak = text.indexOf("\n");
  const wasCut = Buffer.byteLength(tail) >= STDERR_TAIL_BYTES;
  const whole = wasCut && firstBreak >= 0 ? text.slice(firstBreak + 1) : text.trimStart();
  return withoutFrames(whole) || whole;
}

/** The frames of a stack hide what was said, and the log has them: those of JavaScript and Java, and Python's with their source. */
function withoutFrames(text: string): string {
  const told: string[] = [];
  // A tail that was cut may begin within a frame of Python.
  let isFrame = PYTHON_FRAME.test(text);
  for (const line of text.split("\n")) {
    const isPython = PYTHON_FRAME.test(line);
    isFrame = isPython || (isFrame && /^ {3}/.test(line));
    if (!isFrame && !STACK_LINE.test(line)) told.push(line);
  }
  return told.join("\n").trimEnd();
}

/** The place of a SyntaxError has no function: it stays, and so does the source below it. */
const PYTHON_FRAME = /^ {2}File ".*", line \d+, in /m;
const STACK_LINE =
  /^\s+at \S|^Traceback \(most recent call last\):$|^ {2}\[Previous line repeated \d+ more times?\]$/;

/** What to do about a process that did not start. */
export function startError(cause: unknown, file: string, cwd: string): WorkError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const details = { file, error: code };
  const error = (message: string): WorkError => ({ code: "process_start", message, details });
  const start = `"${file}" cannot be started`;
  switch (code) {
    case "ENOENT":
      if (!existsSync(cwd)) return error(`${start}: its folder ${cwd} does not exist.`);
      return error(
        file.includes("/")
          ? `${start}: ${whyMissing(resolve(cwd, file))}`
          : `${start}: it is not on the PATH of the worker. Install it there, or give its full path.`,
      );
    case "EACCES":
    case "EPERM":
      return error(
        // Said too of a program that is nowhere, where the worker may not look into a folder of its PATH.
        code === "EACCES" && !file.includes("/")
          ? `${start}: it is not on the PATH of the worker, or what is there is closed to it. Install it there, or give its full path.`
          : `${start}: it is not executable by the worker. Make it so (chmod +x), or name its interpreter.`,
      );
    case "ENOEXEC":
      return error(
        `${start}: it is no program of this machine. Give it a first line (#!), or name its interpreter.`,
      );
    case "E2BIG":
      return error(
        `${start}: its arguments and environment are too long. Pass data as input (stdin), long scripts as entry.`,
      );
    default:
      return error(`${start}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
