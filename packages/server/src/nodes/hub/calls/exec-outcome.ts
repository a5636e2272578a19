import type { NodeFrames } from "@yardmaster/protocol/node";
import { cleanStderr, isMarkedTruncated, isRelocated, stdoutEnd } from "../base/clean-output.ts";
import type { CallError, CallFlag, ExecOutcome, ExecStatus } from "../hub.types.ts";
import { codeOf } from "./node-errors.ts";
import type { Output } from "./output.ts";

type Last = NodeFrames["exec_result"] | (NodeFrames["exec_chunk"] & { readonly more: false });

export interface ExecIdentity {
  readonly callId: string;
  readonly nodeId: string;
  readonly node: string;
}

/** The end of an exec as the node told it, as data. */
export function outcomeOf(
  identity: ExecIdentity,
  last: Last,
  output: Output,
  flags: ReadonlySet<CallFlag>,
): ExecOutcome {
  const all = new Set(flags);
  if (last.shell_restarted === true) all.add("shell_restarted");
  if (output.hasGap) all.add("output_gap");
  const split = last.stdout_truncated !== undefined || last.stderr_truncated !== undefined;
  return {
    ...identity,
    status: last.status,
    exitCode: last.exit_code,
    signal: last.signal ?? null,
    stdout: output.stdout(),
    stderr: output.stderr(),
    stdoutTruncated:
      output.isStdoutTruncated || (split ? last.stdout_truncated === true : last.truncated),
    stderrTruncated: output.isStderrTruncated || last.stderr_truncated === true,
    durationMs: last.duration_ms,
    cwd: last.cwd ?? null,
    error: errorOf(last),
    flags: [...all],
  };
}

const BY_STATUS = {
  ok: undefined,
  error: "exec_failed",
  timeout: "exec_timeout",
  canceled: "exec_canceled",
} as const satisfies Record<ExecStatus, string | undefined>;

const MESSAGES: { readonly [code: string]: string } = {
  exec_failed: "It was not run, or its shell was lost",
  exec_timeout: "It ran into its timeout and was stopped",
  exec_canceled: "It was canceled",
  session_reset: "Its shell session was reset",
  cwd_rejected: "The node refuses the directory",
  command_not_allowed: "The node's policy refuses the command",
};

/** An exit code is the command's verdict, and no error of the call. */
function errorOf(last: Last): CallError | null {
  const reason = last.error ?? BY_STATUS[last.status];
  if (reason === undefined || (last.status === "error" && last.exit_code >= 0)) return null;
  const code = codeOf("exec", { reason });
  const signaled = code === "exec_failed" && last.signal && `It was ended by ${last.signal}`;
  return { code, message: last.error_detail || signaled || MESSAGES[code] || reason };
}

/** At this size a base client drops the rest of stdout and does not say so. */
const BASE_STDOUT_BYTES = 10 * 1024 * 1024;

/** The same of a base client, whose output still has the framing of its shell around it. */
export function cleanedOutcome(outcome: ExecOutcome, commandAsSent: string): ExecOutcome {
  const raw = outcome.stderr.toString("utf8");
  const stderr = cleanStderr(raw, commandAsSent);
  const stderrTruncated =
    outcome.stderrTruncated || (outcome.stdoutTruncated && isMarkedTruncated(raw));
  const cleaned: ExecOutcome = {
    ...outcome,
    stdout: outcome.stdout.subarray(0, stdoutEnd(outcome.stdout)),
    stderr: stderr === raw ? outcome.stderr : Buffer.from(stderr),
    stdoutTruncated: outcome.stdoutTruncated || outcome.stdout.length >= BASE_STDOUT_BYTES,
    stderrTruncated,
  };
  if (cleaned.status === "timeout") return leftRunning(cleaned);
  return isRelocated(raw) ? relocated(cleaned) : cleaned;
}

/** A base client stops waiting at a timeout, and nothing else. */
function leftRunning(outcome: ExecOutcome): ExecOutcome {
  const message = "It ran into its timeout; the client of its node does not stop what it runs";
  return {
    ...outcome,
    error: { code: "exec_timeout", message },
    flags: [...outcome.flags, "still_running"],
  };
}

function relocated(outcome: ExecOutcome): ExecOutcome {
  const message =
    "The directory is not one that the node allows; its client ran the command in the first one that is";
  return {
    ...outcome,
    status: "error",
    error: outcome.error ?? { code: "cwd_rejected", message },
    flags: [...outcome.flags, "cwd_relocated"],
  };
}
