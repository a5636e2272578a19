import type { Claims } from "../worker/claims.ts";
import type { Rest } from "../worker/rest.ts";
import type { WorkerDeps } from "../worker/worker.ts";
import type { NodePlace } from "./node-work.types.ts";

/** A node whose link this process holds, with what it has leased. */
export interface HeldNode {
  readonly sessionId: string;
  readonly place: NodePlace;
  readonly claims: Claims;
  readonly carryOut: WorkerDeps["carryOut"];
  readonly running: Map<string, AbortController>;
  /** Of a node whose machine cannot begin what it took. */
  readonly rest: Rest;
  /** One for each attempt, until its end is recorded. */
  readonly unrecorded: Set<Promise<void>>;
  renewedAt: number;
  isOver: boolean;
}

/** Attempts that it may be given now. */
export function roomOf({ place, running, rest, isOver }: HeldNode): number {
  return isOver || !place.isReachable() ? 0 : rest.roomOf(place.capacity() - running.size);
}
