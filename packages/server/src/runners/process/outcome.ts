import type { Json, WorkError } from "@yardmaster/protocol";
import { type AttemptFacts, type AttemptResult, isWorkError, stopText } from "../runner.ts";
import { lastLines } from "./stderr-tail.ts";
import type { Ending } from "./supervise.ts";

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
  const end = stopped === "shutdown" ? endText(facts) : "";
  const message = stopText(stopped) + end + alive;
  return { status: "canceled", error: { code: "canceled", message }, facts };
}

/** Whether what was told to end did so by itself, as it may have tidied up. */
function endText({ exitCode, signal }: AttemptFacts): string {
  if (signal === "SIGKILL") return " It did not end of TERM either, and was killed.";
  if (signal !== undefined) return ` It was ended by ${signal}.`;
  return exitCode === undefined ? "" : ` Told to end (TERM), it exited with code ${exitCode}.`;
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
