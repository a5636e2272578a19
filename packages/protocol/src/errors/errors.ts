/**
 * The one registry of error codes. Every error that leaves Yardmaster, by HTTP, on a run or on the command
 * line, has a code from here; HTTP status and exit code follow from it.
 */
interface ErrorKind {
  /** HTTP status. */
  readonly status: number;
  /** Exit code of `yard` (1 work failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 out of reach, 124 timed out, 130 canceled). */
  readonly exit: number;
  readonly title: string;
}

export const ERRORS = {
  invalid_request: { status: 400, exit: 2, title: "The request is not valid" },
  invalid_json: { status: 400, exit: 2, title: "The body is not valid JSON" },
  invalid_input: { status: 422, exit: 2, title: "The input does not fit its schema" },
  invalid_cursor: { status: 400, exit: 2, title: "The cursor is not one of this list" },
  invalid_setting: { status: 500, exit: 2, title: "A setting is not valid" },
  unauthorized: { status: 401, exit: 4, title: "A valid token is needed" },
  invalid_signature: { status: 401, exit: 4, title: "Invalid or missing signature" },
  forbidden: { status: 403, exit: 4, title: "The token does not allow this" },
  reserved_event_type: { status: 403, exit: 4, title: "This event type is Yardmaster's own" },
  not_found: { status: 404, exit: 3, title: "Not found" },
  unknown_ref: { status: 404, exit: 3, title: "No such action or workflow" },
  unknown_source: { status: 404, exit: 3, title: "No such source" },
  method_not_allowed: { status: 405, exit: 2, title: "This path does not serve the method" },
  conflict: { status: 409, exit: 5, title: "The state does not allow this" },
  not_final: { status: 409, exit: 5, title: "The run has not ended" },
  task_final: { status: 409, exit: 5, title: "The task is over" },
  stale_version: { status: 412, exit: 5, title: "It has been changed meanwhile" },
  invalid_task: { status: 422, exit: 2, title: "The task is not valid" },
  already_final: { status: 409, exit: 5, title: "The run has ended" },
  idempotency_mismatch: {
    status: 409,
    exit: 5,
    title: "The idempotency key was used for another request",
  },
  too_large: { status: 413, exit: 2, title: "Too large" },
  unsupported_media_type: { status: 415, exit: 2, title: "Unsupported content type" },
  upgrade_required: { status: 426, exit: 2, title: "Served as a WebSocket alone" },
  rate_limited: { status: 429, exit: 5, title: "Too many requests" },
  // Of nodes. What became of a call is never retried by itself: 409 says so to clients that retry 502 to 504.
  invalid_pairing_token: { status: 401, exit: 4, title: "The pairing token is not valid" },
  insecure_transport: { status: 403, exit: 4, title: "Refused without TLS" },
  node_offline: { status: 409, exit: 6, title: "The node is not connected" },
  node_revoked: { status: 409, exit: 4, title: "The node was revoked" },
  node_disconnected: { status: 409, exit: 6, title: "The node's link was lost" },
  connection_replaced: { status: 409, exit: 6, title: "Another connection took the node's place" },
  not_received: { status: 409, exit: 6, title: "The node did not receive the call" },
  node_timeout: { status: 409, exit: 124, title: "The node did not answer in time" },
  node_busy: { status: 429, exit: 5, title: "The node has too much to do" },
  not_granted: { status: 403, exit: 4, title: "This node does not grant it" },
  command_not_allowed: { status: 403, exit: 4, title: "The node's policy refuses the command" },
  path_not_allowed: { status: 403, exit: 4, title: "The node does not allow this path" },
  file_not_found: { status: 404, exit: 3, title: "There is no such file" },
  file_exists: { status: 409, exit: 5, title: "The file exists already" },
  is_folder: { status: 422, exit: 2, title: "The path is a folder" },
  file_too_large: { status: 413, exit: 2, title: "The file is too large for one call" },
  hash_mismatch: { status: 409, exit: 5, title: "The content is not what was expected" },
  io_error: { status: 422, exit: 1, title: "The file could not be read or written" },
  cwd_rejected: { status: 422, exit: 2, title: "The node refuses the directory" },
  unsupported: { status: 422, exit: 2, title: "The node does not support this" },
  frame_too_large: { status: 413, exit: 1, title: "A message was larger than its limit" },
  exec_failed: { status: 422, exit: 1, title: "The command was not run" },
  exec_timeout: { status: 200, exit: 124, title: "The command ran into its timeout" },
  exec_canceled: { status: 200, exit: 130, title: "The command was canceled" },
  session_reset: { status: 200, exit: 1, title: "Its shell session was reset" },
  definition_missing: {
    status: 409,
    exit: 5,
    title: "The definition that the run began with is not there",
  },
  internal: { status: 500, exit: 1, title: "Something broke inside" },
  unavailable: { status: 503, exit: 6, title: "Not ready to serve" },
  // Errors of runs and attempts: the status is that of reporting them, the exit code that of `yard run`.
  action_failed: { status: 200, exit: 1, title: "The action failed" },
  process_exit: { status: 200, exit: 1, title: "The process ended with a failure" },
  process_start: { status: 200, exit: 1, title: "The process could not be started" },
  agent_failed: { status: 200, exit: 1, title: "The agent did not do it" },
  agent_limit: { status: 200, exit: 1, title: "The agent has reached a limit of its provider" },
  http_status: { status: 200, exit: 1, title: "The server answered with an error" },
  http_failed: { status: 200, exit: 1, title: "The request could not be carried out" },
  http_blocked: { status: 200, exit: 1, title: "The request may not go to this address" },
  mcp_failed: { status: 200, exit: 1, title: "The tool could not be called" },
  mcp_tool_failed: { status: 200, exit: 1, title: "The tool has failed" },
  secret_missing: { status: 200, exit: 1, title: "A secret that it uses is not set" },
  secret_refused: { status: 200, exit: 1, title: "Its pack may not use the secret" },
  secret_unreadable: { status: 200, exit: 1, title: "A secret does not open with this master key" },
  invalid_output: { status: 200, exit: 1, title: "The output is not what was declared" },
  expression_failed: { status: 200, exit: 1, title: "An expression could not be evaluated" },
  step_failed: { status: 200, exit: 1, title: "A step failed" },
  items_failed: { status: 200, exit: 1, title: "Some items of for_each failed" },
  worker_lost: {
    status: 200,
    exit: 1,
    title: "The step failed as its workers were lost",
  },
  limit_exceeded: { status: 200, exit: 1, title: "A limit was exceeded" },
  timed_out: { status: 200, exit: 124, title: "Timed out" },
  canceled: { status: 200, exit: 130, title: "Canceled" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** One wrong place in an input. `path` is a JSON pointer, or `file:line:column` for definitions. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly hint?: string;
}

/** What an ended run, step or attempt says went wrong. Part of the recorded result. */
export interface WorkError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: { readonly [key: string]: string | number | boolean | null };
}

/** An error with a code of the registry. Compare by `code`, never by class. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];

  constructor(
    code: ErrorCode,
    detail: string,
    options: { errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.errors = options.errors ?? [];
  }
}

/** Whether it has a `code` of the registry. */
export function isAppError(error: unknown): error is AppError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code in ERRORS &&
    "errors" in error
  );
}
