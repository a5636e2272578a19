import type { Runners } from "../../runners/index.ts";
import type { ExplainTarget } from "../reading/explain-live.ts";

/** A node as whoever holds its link offers it to the engine. */
export interface NodePlace {
  readonly nodeId: string;
  name(): string;
  labels(): { readonly [name: string]: string };
  /** Jobs that it takes at once, those that it has included. */
  capacity(): number;
  /** Its link stands: the session is renewed. Without one it runs out. */
  isReachable(): boolean;
  /** Carries an attempt out on the node. */
  readonly work: Runners["work"];
  /** Its session was ended: nothing that it runs counts any more. */
  onEnded(): void;
}

/** A node's hold on its leases. */
export interface NodeSession {
  readonly sessionId: string;
  /** Its capacity, labels or link have changed: there may be something for it. */
  ready(): void;
  /** Whether its row was renewed lately: only then may the node be told that its leases go on. */
  isRenewed(): boolean;
  /** Attempts that it has, or had, whose end is not recorded yet. */
  unrecorded(): number;
  /** Ends it: what it has leased is lost. */
  close(reason: string): Promise<void>;
}

export interface NodeWork {
  /** Who knows the nodes says why none of them has an attempt yet; for `yard explain`. */
  explainBy(explain: ExplainTarget): void;
  /** The node has nothing of before any more: what its earlier sessions had leased is lost. */
  open(place: NodePlace): Promise<NodeSession>;
}
