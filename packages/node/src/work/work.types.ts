import type {
  CallDecision,
  Capability,
  LeaseDecision,
  OutgoingNodeFrame,
  ResumedCall,
  ResumedLease,
  ServerFrames,
} from "@yardmaster/protocol/node";

/**
 * Where the connection ends and the work begins. The connection (../link) dials, logs in, keeps the link alive and
 * hands on the frames below; the work carries them out and answers over the link of the moment. Work outlives links:
 * what was sent but not acknowledged is kept by the work, and said again when the server asks for it.
 */

/** Frames that ask something of the node. The connection answers all others itself. */
export const WORK_FRAMES = [
  "exec",
  "exec_ack",
  "exec_input",
  "exec_resize",
  "cancel",
  "reset",
  "read",
  "write",
  "task_offer",
  "task_renewed",
  "task_lost",
  "task_log_ack",
  "task_cancel",
  "task_done",
  "task_file",
  "task_fetch",
] as const satisfies readonly (keyof ServerFrames)[];
export type WorkFrame = ServerFrames[(typeof WORK_FRAMES)[number]];

/** The way back to the server, for as long as one session lasts. */
export interface WorkLink {
  /** `session_id` of the session, for the audit. */
  readonly sessionId: string;
  /** Whether the session may use a capability: no frame or field of it may be sent otherwise. */
  has(capability: Capability): boolean;
  /**
   * Queues a frame, in order. `full`: queued, but wait for `drained` before the next bulk frame. `gone`: the link
   * is down, nothing was queued.
   */
  send(frame: OutgoingNodeFrame): "sent" | "full" | "gone";
  /** Resolves when there is room again, or the link is down. Never rejects. */
  drained(): Promise<void>;
}

/** What the server decided about calls and leases of before (resume_ok). Those it does not name are discarded. */
export interface ResumeDecisions {
  readonly calls: readonly CallDecision[];
  readonly leases: readonly LeaseDecision[];
}

/** Tells `task_ready` by itself: after `linkUp` and whenever the free slots change (sessions with `task` only). */
export interface Work {
  /** Never throws and never blocks: what takes time goes on by itself, what fails is answered over the link. */
  handle(frame: WorkFrame): void;
  /**
   * A session is up; from here on everything is sent over this link. With decisions it continues the one before:
   * replay after `from_seq`, or kill. With `fresh` nobody waits for what is still running: it is killed, or
   * goes on unheard where the setting `orphans` says keep.
   */
  linkUp(link: WorkLink, before: ResumeDecisions | "fresh"): void;
  /** The link is gone; processes go on and their output is kept within bounds. */
  linkDown(): void;
  /** What `resume` lists: every call of the last ten minutes, running or ended, and every lease held. */
  calls(): ResumedCall[];
  leases(): ResumedLease[];
  /** Later additions that need no frame of their own, for `node_info`: `pty` where terminals can be had. */
  features(): readonly string[];
  /** What runs now: calls and jobs. `slots` is how many may run at once. */
  load(): { readonly calls: number; readonly jobs: number; readonly slots: number };
  /**
   * Takes no new work until the next `linkUp` (exec is answered `busy`, offers are rejected); resolves when all is
   * done and acknowledged, or after `mostMs`.
   */
  drain(mostMs: number): Promise<void>;
  /** Grace time over, or the end of the process: kills every process group, and resolves when they are gone. */
  killAll(): Promise<void>;
  /** Kills what no session continued within its grace time, unless `orphans` is keep. */
  abandon(): void;
}

/** One line of the node's own audit log. Written by the work: a `begin` and an `end` for each call and job. */
export interface AuditNote {
  readonly action: "exec" | "read" | "write" | "reset" | "cancel" | "job" | (string & {});
  readonly phase: "begin" | "end" | "event";
  /** The frame's id, which is the server's request id. */
  readonly request_id: string | null;
  /** Who asked, as the server says. Absent: it did not. */
  readonly actor?: string | undefined;
  readonly status?: string;
  readonly duration_ms?: number;
  readonly exit_code?: number | null;
  readonly session_id?: string | null;
  /** Bounded and free of secrets and of the content of files. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface WorkDeps {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Never throws; a full disk is told once, elsewhere. */
  readonly audit: (note: AuditNote) => void;
  /** What an operator should read, one line, no secrets. */
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** Why the operator's policy refuses a command, or undefined. `text` is the command, or argv joined by spaces. */
  readonly refusalOf: (text: string) => string | undefined;
}

/** From the node's configuration. */
export interface WorkOptions {
  /** Roots that read, write and `cwd` are held to; none allows nothing. Absolute. */
  readonly allowedPaths: readonly string[];
  /** How many calls and jobs run at once. */
  readonly slots: number;
  readonly orphans: "kill" | "keep";
  /** What the operator lets the server do at all. */
  readonly allow: {
    readonly exec: boolean;
    readonly read: boolean;
    readonly write: boolean;
    readonly jobs: boolean;
  };
  /** Merged into what `requires` of an offer is checked against. */
  readonly labels: Readonly<Record<string, string>>;
  /** Folder of the node's own files, owner only: job folders and the content store go under it. */
  readonly stateFolder: string;
  /** From which processes inherit what is allowed; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}
