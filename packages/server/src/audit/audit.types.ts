import type { JsonObject } from "@yardmaster/protocol";

/** What was done, as `node.exec`; the part before the dot names the feature that speaks. */
export type AuditAction =
  `${"node" | "secret" | "inquiry" | "task" | "tracker" | "work"}.${string}`;

/**
 * `begin` is durable before anything is asked of a node, `end` has its outcome under the same request id, `event` is
 * what happens by itself (a node connects, is revoked) and has no other half.
 */
export type AuditPhase = "begin" | "end" | "event";

/** One thing to be kept. Texts may be of any length: what is too long is cut, and says so. */
export interface AuditEntry {
  /** Default: now. Kept to the millisecond. */
  readonly at?: Date | undefined;
  /** Who, as `token:<name>`, `run:<id>`, `node:<name>` or `system`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** Name of the node, task, tracker or issue; empty where it is about none. */
  readonly subject: string;
  readonly nodeId?: string | undefined;
  /** The call's id on the wire, by which the node's own audit log is joined. */
  readonly requestId?: string | undefined;
  readonly phase: AuditPhase;
  /** Of an end: `ok`, `error`, `timeout`, `canceled`, `late`, `lost` with the process that had begun it, or the code of an error. */
  readonly status?: string | undefined;
  /** Whole milliseconds. */
  readonly durationMs?: number | undefined;
  readonly exitCode?: number | undefined;
  /** Of the node's link: `session_id` on the wire. */
  readonly sessionId?: string | undefined;
  /**
   * What else is worth knowing: `command`, `cwd`, `path`, `size_bytes`, `reason`, … Never contents of files and never
   * output. Bounded, and masked where a value looks like a secret or a field is named like one.
   */
  readonly details?: JsonObject | undefined;
}

export interface RecordOptions {
  /** Default: true. False: it may take some 20 ms longer, to share the commit of one that somebody waits for. */
  readonly isAwaited?: boolean;
}

/** What features that act on nodes need of the audit. */
export interface AuditRecorder {
  /**
   * Resolves when the entry is durable in the chain; entries of one moment share a commit. Waits while PostgreSQL is out
   * of reach. The file beside it is written after that and never fails a caller.
   * @throws AppError `unavailable` when too much waits already, or the server stops
   */
  record(entry: AuditEntry, options?: RecordOptions): Promise<void>;
}
