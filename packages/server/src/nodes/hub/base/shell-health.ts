import type { ExecStatus } from "../hub.types.ts";

/**
 * What is known of the one shell of a base client, for as long as its link lasts. It becomes suspect on evidence alone:
 * sending the client away costs a back-off that grows.
 */
export interface ShellHealth {
  isSuspect: boolean;
  /** The last exec gave -1: whether the shell is gone is tried with a command that does nothing. */
  isProbeDue: boolean;
  stderrBytes: number;
}

/** The client hangs for good when its shell has written 10 MiB to stderr in all. */
const STDERR_MOST_BYTES = 8 * 1024 * 1024;

export function newShellHealth(): ShellHealth {
  return { isSuspect: false, isProbeDue: false, stderrBytes: 0 };
}

export interface ShellEvidence {
  readonly status: ExecStatus;
  readonly exitCode: number;
  /** As it came, echo and all. */
  readonly stderrBytes: number;
  readonly isProbe: boolean;
}

export function noteExec(health: ShellHealth, evidence: ShellEvidence): void {
  health.stderrBytes += evidence.stderrBytes;
  const isFailure = evidence.status === "error" && evidence.exitCode === -1;
  const isShellGone = isFailure && evidence.isProbe;
  if (evidence.status === "timeout" || isShellGone || health.stderrBytes >= STDERR_MOST_BYTES)
    health.isSuspect = true;
  if (isFailure) health.isProbeDue = !evidence.isProbe;
  else if (evidence.status !== "canceled") health.isProbeDue = false;
}
