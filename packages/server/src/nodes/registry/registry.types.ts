import type {
  AppError,
  NodeBase,
  NodeClient,
  NodeE2e,
  NodeGrants,
  NodeLabels,
  NodeLoad,
  NodeRefusalReason,
} from "@yardmaster/protocol";

/**
 * What the hub asks of the registry. PostgreSQL is the truth: of several API processes one holds a node's link, and
 * every call here is guarded by the id of the wire session, never by the node's name, so that what is left of an old
 * link cannot touch the new one.
 *
 * Order of a login: `helloPolicy` (before hello_ack) → `verify`, or the proofs tried over `helloPolicy().secrets`
 * → `admit` → auth_ok. Two admissions of one node may resolve in any order: the higher epoch is the link that stands.
 */
export interface LinkRegistry {
  /**
   * How a node of this name wants to be spoken to. Of an unknown name: `off` without secrets, as of one that does
   * without E2E, after the same one query.
   */
  helloPolicy(name: string): Promise<HelloPolicy>;
  /** Whose token it is. An unknown name and a wrong token take the same query, and give the same answer. */
  verify(name: string, token: string): Promise<Verdict>;
  /**
   * Makes the session the node's only one, in one transaction that holds the node's row: it looks again whether the
   * token was revoked, counts the epoch up, settles a rotation whose new token this is, and notes which process holds
   * the link. Announces and audits `node.connect`. Throws only when the database is out of reach (close 1011).
   */
  admit(login: Login): Promise<Admission>;

  /** The link is lost and may come back for `graceMs`: calls wait. False: the session is not the node's any more. */
  reconnecting(sessionId: string, graceMs: number): Promise<boolean>;
  /** The node said goodbye and takes no new work. */
  draining(sessionId: string, reason: string): Promise<boolean>;
  /** The link is gone for good; `reason` is a sentence for people. Idempotent; audits `node.disconnect` once. */
  left(sessionId: string, reason: string): Promise<void>;

  /** What a node says of itself after its login. */
  info(sessionId: string, facts: NodeFacts): Promise<void>;
  /** A login that this node's own token did not open: remembered, and written at most once a minute for each node. */
  refused(refusal: NodeRefused): void;
  /** Remembered, and written together with others every few seconds. */
  load(sessionId: string, load: NodeLoad): void;
  /** A frame came: remembered, and written together with others twice a minute. */
  seen(sessionId: string): void;

  /**
   * These sessions of this process are no more: within a second of a revocation or of a login elsewhere, and once for
   * each session. Told by NOTIFY, and found by a look at the rows every second while links are held. Each returns the
   * way out.
   */
  onRevoked(listener: (lost: LostSession) => void): () => void;
  onReplaced(listener: (lost: LostSession) => void): () => void;
  /** Grants, labels, name or settings of a node whose link is held here were changed. */
  onChanged(listener: (node: NodeProfile) => void): () => void;
}

export interface HelloPolicy {
  readonly e2e: NodeE2e;
  /** What hello_ack withholds follows from these. Of an unknown name: the defaults of a fresh pairing. */
  readonly grants: NodeGrants;
  readonly base: NodeBase;
  /**
   * Token texts that a proof may stand on, the current one first, at most four; those of revoked tokens too, so that
   * their owner is told `revoked`. Empty where none is kept sealed: then E2E cannot be had.
   */
  readonly secrets: readonly NodeSecret[];
}

export interface NodeSecret {
  readonly nodeId: string;
  readonly tokenId: string;
  readonly text: string;
  /** Undefined where it is valid. */
  readonly over: TokenOver | undefined;
}

export type TokenOver = Extract<NodeRefusalReason, "node_revoked" | "token_replaced">;

export interface NodeRefused {
  readonly nodeId: string;
  readonly reason: NodeRefusalReason;
  /** Where it came from, without the port. */
  readonly address: string;
}

/** Whose a token is, or was, that opens nothing. */
export interface Known {
  readonly nodeId: string;
  readonly why: NodeRefusalReason;
}

export type Verdict =
  | {
      readonly kind: "valid";
      readonly nodeId: string;
      readonly tokenId: string;
      /** `required`: a token in clear is answered `e2e_required`. */
      readonly e2e: NodeE2e;
    }
  /** It was valid once. */
  | { readonly kind: "revoked"; readonly known: Known }
  /** It is a live node's, which has this name by now. */
  | { readonly kind: "renamed"; readonly name: string; readonly known: Known }
  /** Not of a node of this name, as far as the answer goes. */
  | { readonly kind: "invalid"; readonly known: Known | undefined };

export interface Login {
  readonly nodeId: string;
  readonly tokenId: string;
  /** Of the wire, as in hello_ack. */
  readonly sessionId: string;
  /** Where it comes from, without the port. */
  readonly address: string;
  readonly isEncrypted: boolean;
  readonly client: NodeClient;
  /** As agreed. */
  readonly protocolVersion: string;
  /** As agreed. */
  readonly capabilities: readonly string[];
  readonly nodeVersion: string | null;
  readonly platform: string | null;
  readonly arch: string | null;
}

export type Admission =
  | {
      readonly kind: "admitted";
      /** Grows with each session of the node. */
      readonly epoch: number;
      readonly node: NodeProfile;
      /** The session that had the place, here or in another process: its calls fail `connection_replaced`. */
      readonly replaced: string | null;
    }
  /** Revoked between `verify` and here. */
  | { readonly kind: "revoked" }
  /** Two machines share one token (three replacements in a minute): `name_conflict`, 4011. */
  | { readonly kind: "conflict" };

/** Why a node cannot be asked anything here. */
export interface AbsentNode {
  /** Null: there is no such node; then nothing is audited. */
  readonly node: { readonly nodeId: string; readonly name: string } | null;
  /** `node_offline`, `node_revoked` or `not_found`: with its name, its status, since when, and what to do. */
  readonly error: AppError;
}

/** What a link must know of its node. */
export interface NodeProfile {
  readonly nodeId: string;
  readonly name: string;
  readonly e2e: NodeE2e;
  readonly grants: NodeGrants;
  readonly base: NodeBase;
  /** They win over the node's own. */
  readonly operatorLabels: NodeLabels;
}

/** From `node_info`, bounded by its schema. */
export interface NodeFacts {
  /** Random for each process of the node: tells two machines with one token from one that comes back. */
  readonly instanceId: string | null;
  readonly labels: NodeLabels;
  readonly osVersion: string | null;
  readonly cpuCount: number | null;
  readonly memBytes: number | null;
  /** Jobs at once; 1 where it does not say. */
  readonly slots: number;
  readonly agentVersion: string | null;
  readonly features: readonly string[];
}

export interface LostSession {
  readonly nodeId: string;
  readonly sessionId: string;
}
