import type { AppError } from "@yardmaster/protocol";
import type {
  NodeFrames,
  OutgoingServerFrame,
  OutgoingServerFrames,
} from "@yardmaster/protocol/node";
import type { NodeProfile } from "../../registry/registry.types.ts";
import type { NodeInfo } from "../hub.types.ts";

export type CallKind = "exec" | "read" | "write" | "reset";

/** What begins a call. */
export type RequestFrame = OutgoingServerFrames[CallKind];

/** What a node sends about a call that it was given. */
export type CallFrame = NodeFrames[
  | "exec_chunk"
  | "exec_result"
  | "read_result"
  | "write_result"
  | "reset_result"
  | "exec_input_ack"
  | "cancel_ack"
  | "error"];

/** What the node of a call has still to say: it does not count against its rate, should it come when the call has ended. */
export interface Owed {
  /** How it ended: the call was given up before. Until then it may be in the middle of its output. */
  readonly end: boolean;
  /** Its answer to a cancel. */
  readonly ack: boolean;
  /** Acknowledgements of so many pieces of input. */
  readonly inputs: number;
}

/** What a call must know of the link that carries it. */
export interface CallLink {
  readonly sessionId: string;
  readonly node: NodeProfile;
  /** What the node says of itself, as far as it has. */
  readonly info: Pick<NodeInfo, "features">;
  readonly isSealed: boolean;
  has(capability: string): boolean;
  send(frame: OutgoingServerFrame, taken?: () => void): void;
}

/** One operation asked of a node, from when it is queued until it has ended. */
export interface Call {
  readonly id: string;
  readonly kind: CallKind;
  readonly actor: string;
  /** Of the persistent shell that it needs; calls of one are worked off in turn. */
  readonly shell: string | undefined;
  /** The session on the wire that it was sent over; undefined: it was not sent. */
  readonly linkId: string | undefined;
  /** Its link was lost, and the node may come back to it. */
  readonly isHeld: boolean;
  readonly isEnded: boolean;
  /** The highest chunk that was stored; 0 where none was. */
  readonly lastSeq: number;
  /** Whether it may be sent again with the same id where the node says that it never came. */
  readonly isRepeatable: boolean;
  /** @throws AppError where this link cannot carry it: `unsupported`, `not_granted`, `invalid_request`, … */
  frameFor(link: CallLink): RequestFrame;
  /** Its frame was handed to the link. */
  sent(link: CallLink): void;
  /** From now on the clock of its deadline runs. */
  arm(): void;
  /** A frame of the node for it. False: nothing that it waits for, and so counted against the node's rate. */
  take(frame: CallFrame): boolean;
  /** Asked when it has ended. */
  owed(): Owed;
  hold(): void;
  /** The node has it still, and goes on with it over this link. */
  goOn(link: CallLink): void;
  fail(error: AppError): void;
  /** Ends it at once as canceled; whatever the node still does with it. */
  abandon(): void;
}
