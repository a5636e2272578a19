import type {
  Capability,
  NodeFrames,
  OutgoingServerFrame,
  Sealing,
} from "@yardmaster/protocol/node";
import type { LinkRegistry, NodeProfile } from "../../registry/registry.types.ts";
import type { Incoming } from "../wire/channel.ts";
import type { LoginRate } from "./login-rate.ts";

export interface HandshakeDeps {
  readonly registry: Pick<LinkRegistry, "helloPolicy" | "verify" | "admit" | "left" | "refused">;
  readonly newId: () => string;
  readonly random: (bytes: number) => Buffer;
  /** RFC 3339 with milliseconds. */
  readonly timestamp: () => string;
  readonly monotonicMs: () => number;
  readonly handshakeMs: number;
  readonly loginRate: Pick<LoginRate, "take">;
  /** Encrypted messages of one session before it is renewed. */
  readonly sealedFrames: number;
  /** Whether anybody here leases jobs to nodes. */
  readonly hasJobs: boolean;
}

/** The socket, and whoever waits for the outcome. */
export interface HandshakePeer {
  readonly address: string;
  readonly isTls: boolean;
  send(frame: OutgoingServerFrame): void;
  close(code: number): void;
  /** Registers the link and sends auth_ok, in one step. */
  admit(entry: Entry): void;
  /** `reason` of the frame that was sent, or what else it was; of whom, as far as it has said and nobody has proven. */
  refused(reason: string, saidName: string | undefined): void;
  /** A fault of ours, which is no verdict on the node. */
  fault(error: unknown): void;
}

/** A node that is logged in. */
export interface Entry {
  readonly sessionId: string;
  readonly epoch: number;
  readonly node: NodeProfile;
  readonly capabilities: readonly Capability[];
  /** What this client would agree on under another policy. */
  readonly agreeUnder: (policy: Pick<NodeProfile, "grants" | "base">) => readonly Capability[];
  readonly protocolVersion: string;
  readonly hello: NodeFrames["hello"];
  readonly client: "yard" | "base";
  readonly address: string;
  readonly isTls: boolean;
  /** Where all that follows is encrypted: the server's proof for auth_ok, and the keys. */
  readonly e2e: { readonly proof: string; readonly sealing: Sealing } | undefined;
}

export interface Handshake {
  /** On the wire; the node learns it in hello_ack. */
  readonly sessionId: string;
  /** Once it is known whose token it is. */
  readonly nodeId: string | undefined;
  take(incoming: Incoming): void;
  check(nowMs: number): void;
  /** Its session was ended before it began. */
  void(why: "revoked" | "superseded"): void;
  /** The socket is gone. */
  end(): void;
}
