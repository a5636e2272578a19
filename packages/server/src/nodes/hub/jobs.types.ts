import type { NodeLabels } from "@yardmaster/protocol";
import type { NodeInfo } from "./hub.types.ts";

/** A link that may carry jobs: it has agreed on `task` and its node is granted `jobs`. */
export interface LinkSession {
  readonly sessionId: string;
  readonly nodeId: string;
  readonly nodeName: string;
  /** Grows with each session of the node. */
  readonly epoch: number;
  readonly capabilities: ReadonlySet<string>;
  /** As last said by the node. */
  readonly info: NodeInfo;
  /** The node's own and the operator's, which win. */
  readonly labels: NodeLabels;
  readonly isOpen: boolean;
  /** Nothing new is to be offered: node or server said goodbye, or the node is not granted jobs any more. */
  readonly isDraining: boolean;
  /**
   * Resolves when the link has taken the frame from the queue of this process: wait for it before the next large one.
   * Rejects with AppError `node_disconnected` where the link is gone, `node_busy` where too much waits already.
   */
  send(frame: { readonly type: `task_${string}` }): Promise<void>;
}

export interface LeaseOnNode {
  readonly lease_id: string;
  readonly fence: number;
}

export interface LeaseDecision {
  readonly lease_id: string;
  readonly keep: boolean;
}

export type ClosedReason =
  | "lost"
  | "stale"
  | "replaced"
  | "revoked"
  | "bye"
  | "stopping"
  | "refused";

/** What the hub tells of links to whoever leases jobs to nodes. Everything is told by session. */
export interface HubJobs {
  /** Frames may be sent from now on. Called after `onResume` where the node resumed. */
  onOpen(session: LinkSession): void;
  /** node_info was resent, or the operator changed the node: labels, slots or grants may differ. */
  onInfo?(session: LinkSession): void;
  /** Jobs that the node works on, as `GET /v1/nodes` shows them. */
  running?(session: LinkSession): number;
  /** Jobs that the node was given and whose end is not recorded yet: a goodbye waits for them. */
  unrecorded?(session: LinkSession): number;
  /** A task_* frame of the node, checked against its schema. False: nothing of an open lease that has to be said, and so counted against its rate. */
  onFrame(session: LinkSession, frame: { readonly type: string }): boolean;
  /** The node came back and lists the leases that it still holds; what is not kept it kills. Before `onOpen`. */
  onResume(
    session: LinkSession,
    leases: readonly LeaseOnNode[],
  ): readonly LeaseDecision[] | Promise<readonly LeaseDecision[]>;
  /** The node takes no new work from now on. */
  onDraining?(session: LinkSession): void;
  /** `graceMs`: how long the node may still come back to its leases; 0 where it cannot. */
  onClosed(session: LinkSession, reason: ClosedReason, graceMs: number): void;
}
