import type { AppError } from "@yardmaster/protocol";
import type { Capability, NodeFrames, OutgoingServerFrame } from "@yardmaster/protocol/node";
import type { NodeProfile } from "../../registry/registry.types.ts";
import type { CallFrame, CallLink } from "../calls/call.types.ts";
import type { NodeInfo } from "../hub.types.ts";
import type { ClosedReason } from "../jobs.types.ts";
import type { Incoming } from "../wire/channel.ts";

/**
 * settling: logged in; it may still say that it resumes, so nothing is asked of it. open: takes calls. draining: one
 * side said goodbye; what is under way ends, nothing new begins. over: its socket is closed, or being closed.
 */
export type LinkState = "settling" | "open" | "draining" | "over";

/** How a link ended. */
export interface LinkEnd {
  /** The code that was sent, or that was seen where the other side or the network ended it. */
  readonly code: number;
  readonly reason: ClosedReason;
  /** A sentence for people. */
  readonly sentence: string;
  /** What its calls fail with, where they do not wait for the node to come back. */
  readonly error: (node: string) => AppError;
  /** Whether a node that can resume may come back to its calls. */
  readonly mayResume: boolean;
}

export interface LinkHandlers {
  /** False: of no call that is open on this link, and so counted against the node's rate. */
  call(frame: CallFrame): boolean;
  /** An answer for a call that cannot be read. */
  flawed(callId: string, detail: string): void;
  task(frame: TaskFrame): boolean;
  resume(frame: NodeFrames["resume"]): void;
  rotated(frame: NodeFrames["rotate_ok"] | NodeFrames["rotate_err"]): boolean;
  info(): void;
  /** Calls may be sent from now on. */
  opened(): void;
  /** The node takes nothing new; it is closed when nothing is under way, or after so long. */
  goodbye(reason: string, drainMs: number | undefined): void;
  /** Milliseconds until the node may send again, or 0: it may now, and this message is counted. */
  count(nowMs: number): number;
  badFrame(why: string): void;
  ended(end: LinkEnd): void;
}

export type TaskFrame = Extract<NodeFrames[keyof NodeFrames], { type: `task_${string}` }>;

/** One session on the wire. Everything about it is known by `sessionId`, never by the node's name. */
export interface Link extends CallLink {
  readonly sessionId: string;
  readonly epoch: number;
  readonly state: LinkState;
  readonly node: NodeProfile;
  readonly info: NodeInfo;
  readonly capabilities: ReadonlySet<Capability>;
  readonly client: "yard" | "base";
  readonly protocolVersion: string;
  readonly address: string;
  readonly isTls: boolean;
  /** Its encryption keys are used up. */
  readonly isSpent: boolean;
  /** The node may be asked for more, or otherwise, than was agreed at hello: only a new session brings that. */
  readonly isOutgrown: boolean;
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  /** Not yet taken by the system. */
  readonly queuedBytes: number;
  /**
   * One call at a time, and queued here: its client reads nothing while it works. By what the client can, not by
   * what it is granted.
   */
  readonly isSerial: boolean;
  take(incoming: Incoming): void;
  /** Sends `frame` before everything that waits. */
  urgent(frame: OutgoingServerFrame): void;
  /** What the operator decided was changed. */
  renew(node: NodeProfile): void;
  /** The node was lost or closed from the other side. */
  lost(code: number): void;
  close(end: LinkEnd): void;
  /** Waits so long for a resume before calls are sent; only where calls await it, or where one may come unawaited. */
  settle(ms: number, isAwaited: boolean): void;
  /** Ends the waiting: it has resumed, or will not. */
  open(): void;
  drain(): void;
  check(nowMs: number): void;
}
