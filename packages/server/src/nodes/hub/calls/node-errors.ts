import { AppError, type ErrorCode } from "@yardmaster/protocol";
import { type Reason, reasonOf } from "@yardmaster/protocol/node";
import type { CallKind } from "./call.types.ts";

/** What a node says went wrong: the text of its reason first, its number second. */
export interface NodeFailure {
  readonly reason: string | undefined;
  readonly code?: number | undefined;
  readonly detail?: string | undefined;
}

const CODES: { readonly [R in Reason]?: ErrorCode } = {
  path_not_allowed: "path_not_allowed",
  file_not_found: "file_not_found",
  file_too_large: "file_too_large",
  io_error: "io_error",
  file_exists: "file_exists",
  is_folder: "is_folder",
  hash_mismatch: "hash_mismatch",
  exec_timeout: "exec_timeout",
  exec_failed: "exec_failed",
  exec_canceled: "exec_canceled",
  session_reset: "session_reset",
  cwd_rejected: "cwd_rejected",
  unsupported: "unsupported",
  unknown_message: "unsupported",
  busy: "node_busy",
  bad_request: "invalid_request",
};

/** The code of our registry for what a node said. */
export function codeOf(kind: CallKind, { reason, code }: NodeFailure): ErrorCode {
  if (reason === "command_not_allowed") return "command_not_allowed";
  const known = reasonOf(reason, code);
  const fallback = kind === "read" || kind === "write" ? "io_error" : "exec_failed";
  return (known && CODES[known]) ?? fallback;
}

/** The failure of a call, with the node's name and words. */
export function nodeError(
  kind: CallKind,
  node: string,
  failure: NodeFailure,
  what: string,
): AppError {
  const said = failure.detail || failure.reason || `code ${failure.code ?? "unknown"}`;
  return new AppError(codeOf(kind, failure), `Node ${node}, ${what}: ${toldOnce(what, said)}`);
}

/** A node names the path that failed, which may be another one than was asked for. */
function toldOnce(what: string, said: string): string {
  const path = what.slice(what.indexOf(" ") + 1);
  if (said.startsWith(`${path}: `)) return said.slice(path.length + 2);
  return said.startsWith(`${path} `) ? `it ${said.slice(path.length + 1)}` : said;
}
