import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { ErrorCode } from "@yardmaster/protocol";
import type { NodeFacts } from "../registry/registry.types.ts";

/** Id or present name of a node. */
export type NodeRef = string;

/** A link that stands, or whose node may still come back to its calls. */
export type LiveStatus = "connected" | "reconnecting" | "draining";

/** What the hub of this process knows of a node whose link it holds. */
export interface LiveState {
  readonly nodeId: string;
  readonly name: string;
  readonly status: LiveStatus;
  readonly since: Date;
  /** Of the wire; of the lost link while the node is reconnecting. */
  readonly sessionId: string;
  readonly epoch: number;
  readonly address: string;
  readonly client: "yard" | "base";
  readonly isE2e: boolean;
  readonly protocolVersion: string;
  readonly capabilities: readonly string[];
  readonly info: NodeInfo;
  /** Sent and not ended. */
  readonly openCalls: number;
  /** Not sent yet: a base client takes one after the other. */
  readonly queuedCalls: number;
}

/** What a node says of itself: in hello, and in node_info where `info` was agreed. */
export interface NodeInfo extends NodeFacts {
  readonly nodeVersion: string | null;
  readonly platform: string | null;
  readonly arch: string | null;
}

/** Who asks, and for how long they wait. */
export interface CallOptions {
  /** For the audit: `token:<name>`, `run:<id>`, `system`. Calls are also limited by it. */
  readonly actor: string;
  /** Waits so long for a node that is not connected; default 0: refused at once. */
  readonly waitMs?: number | undefined;
  /** The caller went away: the call is canceled on the node, or taken out of the queue. */
  readonly signal?: AbortSignal | undefined;
  /** Id of the call, where the caller has chosen one (a UUID): default `newId()`. Never two calls with one id. */
  readonly callId?: string | undefined;
  /** More for the audit row, such as the HTTP request's id. */
  readonly details?: { readonly [key: string]: string | number | boolean } | undefined;
}

export interface ExecRequest {
  /** What the shell runs; with `argv` a printable form of it. */
  readonly command: string;
  /** Run without a shell; needs `exec_strict`. */
  readonly argv?: readonly string[] | undefined;
  /** Of the persistent shell; default `main`. */
  readonly session?: string | undefined;
  readonly shell?: "session" | "fresh" | undefined;
  /** Absolute. */
  readonly cwd?: string | undefined;
  readonly env?: { readonly [name: string]: string } | undefined;
  readonly stdin?: "null" | "pipe" | "pty" | undefined;
  /** Given to the command at its start, followed by the end of its input; needs `input`. */
  readonly stdinBytes?: Uint8Array | undefined;
  readonly pty?: PtySize & { readonly term: string };
  /** Default 60 000; clamped to what the node's client can keep (flag `timeout_clamped`). */
  readonly timeoutMs?: number | undefined;
  /** Per stream; default 10 MiB. */
  readonly maxOutputBytes?: number | undefined;
  readonly killGraceMs?: number | undefined;
}

export interface PtySize {
  readonly cols: number;
  readonly rows: number;
}

export type OutputStream = "stdout" | "stderr" | "pty";

export interface OutputChunk {
  readonly stream: OutputStream;
  readonly bytes: Buffer;
}

export interface ExecOptions extends CallOptions {
  /** The call's id, before its frame is sent: from here on it takes input and can be canceled. */
  readonly onStarted?: ((callId: string) => void) | undefined;
  /**
   * Each piece as it comes; then the outcome holds none. While the promise that it gives is open no credit goes to the
   * node, so that a slow reader slows the process.
   */
  readonly onOutput?: ((chunk: OutputChunk) => undefined | Promise<void>) | undefined;
  readonly onState?: ((state: "reconnecting" | "connected") => void) | undefined;
}

export type ExecStatus = "ok" | "error" | "timeout" | "canceled";

/** What a reader of the result should know of how it came about. */
export type CallFlag =
  | "stderr_missing"
  | "stderr_merged"
  | "env_unverified"
  | "cwd_relocated"
  | "shell_restarted"
  | "timeout_clamped"
  | "still_running"
  | "output_gap";

export interface CallError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** An exec that came to an end, however it ended. Its exit code is data: an `error` is there only without one. */
export interface ExecOutcome {
  readonly callId: string;
  readonly nodeId: string;
  readonly node: string;
  readonly status: ExecStatus;
  /** -1: not run, or its shell was lost, or stopped by timeout or cancel. */
  readonly exitCode: number;
  readonly signal: string | null;
  /** Output of a pty comes here. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly durationMs: number;
  readonly cwd: string | null;
  readonly error: CallError | null;
  readonly flags: readonly CallFlag[];
}

export interface ReadRequest {
  readonly path: string;
  /** A range needs `files`; without both the whole file is asked for. */
  readonly offset?: number | undefined;
  /** At most 1 MiB. */
  readonly length?: number | undefined;
}

export interface ReadOutcome {
  readonly callId: string;
  readonly content: Buffer;
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly eof: boolean;
  readonly sha256: string | null;
  readonly mode: string | null;
  readonly mtime: string | null;
}

export interface WriteRequest {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode?: "overwrite" | "create" | "append" | undefined;
  /** These need `files`. */
  readonly offset?: number | undefined;
  readonly mkdirs?: boolean | undefined;
  readonly fileMode?: string | undefined;
  readonly expectSha256?: string | undefined;
  readonly atomic?: boolean | undefined;
  /** A folder in place of a file; this needs a node that says `folders`. */
  readonly folder?: boolean | undefined;
}

export interface WriteOutcome {
  readonly callId: string;
  readonly bytesWritten: number;
  readonly sha256: string | null;
}

export interface ResetOutcome {
  readonly callId: string;
  readonly session: string;
  readonly shellId: string | null;
  readonly cwd: string | null;
  readonly killed: number;
}

/** signaled: the node is stopping it. dequeued: it had not begun. finished: it was over. abandoned: a base client cannot be stopped. */
export type CancelState = "signaled" | "dequeued" | "finished" | "unknown" | "abandoned";

/** A shell session as far as the server has seen it. */
export interface SessionState {
  readonly session: string;
  readonly shellId: string | null;
  readonly cwd: string | null;
  readonly running: number;
  readonly queued: number;
  readonly since: Date | null;
  readonly lastCallAt: Date | null;
}

export type RotateOutcome =
  /** The node has it in its config. */
  | { readonly status: "delivered" }
  /** Its client cannot, or the link has neither TLS nor E2E. */
  | { readonly status: "unsupported"; readonly reason: string }
  /** It said no, or did not answer in time. */
  | { readonly status: "refused"; readonly reason: string };

/**
 * The links of this process and the calls over them. Where a node is not live here every operation throws AppError
 * `node_offline` (or `node_revoked`, `not_found`) as soon as the registry has said what is known of it.
 */
export interface Hub {
  /** Takes the upgrades to `/ws/nodes` of a listener; several may be given. Refuses those that are served by nobody. */
  attach(server: HttpServer | HttpsServer, isServedElsewhere?: (pathname: string) => boolean): void;
  live(ref: NodeRef): LiveState | undefined;
  list(): readonly LiveState[];

  /**
   * @throws AppError `node_offline`, `node_revoked`, `node_disconnected`, `connection_replaced`, `not_received`,
   * `node_busy`, `rate_limited`, `not_granted`, `unsupported`, `invalid_request`, `frame_too_large`, `unavailable`
   */
  exec(ref: NodeRef, request: ExecRequest, options: ExecOptions): Promise<ExecOutcome>;
  /**
   * At most 64 KiB at once. Resolves when the link has taken it, which is when the command has read enough of what came
   * before, where its node says so.
   * @throws AppError `not_found` for a call that is over; `node_busy` where the command has not read in time: nothing of
   * it was taken, and it may be given again
   */
  input(
    ref: NodeRef,
    callId: string,
    input: { readonly bytes?: Uint8Array; readonly eof?: boolean },
  ): Promise<void>;
  resize(ref: NodeRef, callId: string, size: PtySize): Promise<void>;
  /** The call's own waiter gets its outcome, status `canceled`. */
  cancel(
    ref: NodeRef,
    callId: string,
    options: {
      readonly actor: string;
      readonly graceMs?: number | undefined;
      readonly reason?: string | undefined;
    },
  ): Promise<CancelState>;
  /** @throws AppError as of exec, and `path_not_allowed`, `file_not_found`, `file_too_large`, `io_error` */
  read(ref: NodeRef, request: ReadRequest, options: CallOptions): Promise<ReadOutcome>;
  /** @throws AppError as of read, and `file_exists`, `hash_mismatch` */
  write(ref: NodeRef, request: WriteRequest, options: CallOptions): Promise<WriteOutcome>;
  /** A base client is sent away when it is idle, and comes back with a fresh shell. */
  reset(
    ref: NodeRef,
    session: string,
    options: CallOptions & { readonly reason?: string },
  ): Promise<ResetOutcome>;
  sessions(ref: NodeRef): readonly SessionState[];

  /** Sends a new token to the node's config. The caller has stored it as valid beside the old one. */
  rotate(
    nodeId: string,
    token: { readonly text: string; readonly oldValidMs: number },
  ): Promise<RotateOutcome>;
  /**
   * After the registry has marked it: bye, 4006, its waiters fail `node_revoked`, and a login under way is refused.
   * Its close is sent when this resolves. The registry's `onRevoked`,
   * `onReplaced` and `onChanged` are heard by the hub itself.
   */
  revokeLive(nodeId: string): Promise<void>;
  /** Bye to all; waits for open calls, then closes 1000; what is left after `graceMs` is closed with 4005. */
  close(graceMs?: number): Promise<void>;
  /** Ends the grace of a close that has begun. */
  hurry(): void;
}
