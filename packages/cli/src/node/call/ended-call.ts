import { constants } from "node:os";
import type { ExecEnded } from "@yardmaster/protocol";
import { ERRORS } from "@yardmaster/protocol/core";
import { printable } from "../../output/printable.ts";

/** What `yard` exits with: the command's own code where it has one. */
export function exitCodeOfCall({ status, exit_code, signal, error }: ExecEnded): number {
  if (status === "timeout") return ERRORS.exec_timeout.exit;
  if (status === "canceled") return ERRORS.canceled.exit;
  if (exit_code !== null && exit_code >= 0) return exit_code;
  if (signal !== null) return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  // A newer server may know more codes than this registry.
  const kind = error === null ? undefined : ERRORS[error.code];
  return kind?.exit || ERRORS.internal.exit;
}

const FLAGS: Readonly<Record<string, string>> = {
  stderr_missing: "this client sends no stderr beside live output",
  stderr_merged: "stderr stands within stdout",
  env_unverified: "this client may have ignored the environment that was given",
  cwd_relocated:
    "the node ran it in another directory: it does not allow the one that was asked for",
  shell_restarted: "the shell was started anew: its directory and variables are gone",
  timeout_clamped: "the timeout was shortened to what this client can keep",
  still_running: "the node did not say that it was stopped: it may still run there",
  output_gap: "some output was lost with the link",
};

/** What is to be known of an end beside its exit code. */
export function notesOf(end: ExecEnded): string[] {
  const { error, flags, node } = end;
  const cut = (["stdout", "stderr"] as const).filter((name) => end[`${name}_truncated`]);
  return [
    ...(error === null ? [] : [`${node}: ${error.message}`]),
    ...(end.status === "timeout" && error === null ? [`${node}: it ran into its timeout`] : []),
    ...cut.map((name) => `${name} was longer than may be sent, and was cut`),
    ...flags.map((flag) => FLAGS[flag] ?? flag),
  ].map(printable);
}
