import type { NodeFrames, OutgoingServerFrames } from "@yardmaster/protocol/node";
import type { RemoteEnd, RemoteStart } from "../../runners/index.ts";

/** Frames of a node about one of its jobs. */
export type JobFrame = NodeFrames[
  | "task_accept"
  | "task_reject"
  | "task_need"
  | "task_file_ack"
  | "task_renew"
  | "task_log"
  | "task_result"
  | "task_file_data"];

/** What its node is told of it. */
export type JobOrder = OutgoingServerFrames[
  | "task_offer"
  | "task_renewed"
  | "task_lost"
  | "task_fetch"
  | "task_log_ack"
  | "task_cancel"
  | "task_done"
  | "task_file"];

export interface JobDeps {
  readonly leaseId: string;
  /** As our audit and the node's have it. */
  readonly actor: string;
  /** Grows with each attempt of the job. */
  readonly fence: number;
  readonly leaseMs: number;
  readonly packFolder: string;
  readonly files: RemoteStart["files"];
  /** Rejects, or never resolves, where the link is down; what matters is said again when it is back. */
  readonly send: (frame: JobOrder) => Promise<void>;
  readonly isLinked: () => boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Whether the node's session was renewed lately: only then its leases go on. */
  readonly isRenewed: () => boolean;
  /** The node would not take it now; it takes no more than it has until it says so. */
  readonly onBusy: () => void;
  /** Its process runs, as far as can be told. */
  readonly onBegun: (() => void) | undefined;
  readonly onEnded: (end: RemoteEnd) => void;
}
