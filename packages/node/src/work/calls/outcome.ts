import type { ExecStatus, Reason } from "@yardmaster/protocol/node";
import type { CarriedEnd } from "./carried.ts";

/** Why a call was stopped before its end. */
export type StopCause = "timeout" | "cancel" | "reset" | "discard";

const STOPPED = {
  timeout: { status: "timeout", error: "exec_timeout" },
  cancel: { status: "canceled", error: "exec_canceled" },
  reset: { status: "canceled", error: "session_reset" },
  discard: { status: "canceled", error: "exec_canceled" },
} as const satisfies Record<StopCause, { status: ExecStatus; error: Reason }>;

export interface OutcomeFacts {
  readonly end: CarriedEnd;
  readonly stopped: { readonly cause: StopCause; readonly signal: string | undefined } | undefined;
  readonly durationMs: number;
  readonly isStdoutCut: boolean;
  readonly isStderrCut: boolean;
}

/** What the result of a call says, in both of its forms (exec_result, last exec_chunk). */
export function outcomeFields(facts: OutcomeFacts) {
  const { end, stopped, isStdoutCut, isStderrCut } = facts;
  const signal = stopped?.signal ?? end.signal;
  return {
    ...verdictOf(facts),
    duration_ms: Math.round(facts.durationMs),
    truncated: isStdoutCut || isStderrCut,
    stdout_truncated: isStdoutCut,
    stderr_truncated: isStderrCut,
    shell_restarted: end.shellRestarted === true,
    ...(signal !== undefined && { signal }),
    ...(end.cwd !== undefined && { cwd: end.cwd }),
  };
}

interface Verdict {
  readonly status: ExecStatus;
  readonly exit_code: number;
  readonly error?: string;
  readonly error_detail?: string;
}

export function verdictOf({ end, stopped }: Pick<OutcomeFacts, "end" | "stopped">): Verdict {
  if (stopped !== undefined) return { ...STOPPED[stopped.cause], exit_code: -1 };
  if (end.refusal !== undefined) {
    const { reason, detail } = end.refusal;
    return { status: "error", exit_code: -1, error: reason, error_detail: detail };
  }
  return { status: end.exitCode === 0 ? "ok" : "error", exit_code: end.exitCode };
}
