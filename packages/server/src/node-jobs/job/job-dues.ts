/**
 * What a node has to say of its job and is not counted against its rate: each thing once over a link, and a renewal now
 * and then. A node that says them over and over is one that floods.
 */
export interface JobDues {
  /** Whether it is said for the first time over this link. */
  once(type: string): boolean;
  renewal(): boolean;
  /** Another link stands, over which it may all be said again. */
  linked(): void;
}

/** A node renews a third of its lease after the last time. */
const RENEWALS_PER_LEASE = 6;

export function createJobDues(leaseMs: number, now: () => number): JobDues {
  const said = new Set<string>();
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  return {
    once(type) {
      if (said.has(type)) return false;
      said.add(type);
      return true;
    },
    renewal() {
      if (now() - renewedAtMs < leaseMs / RENEWALS_PER_LEASE) return false;
      renewedAtMs = now();
      return true;
    },
    linked() {
      said.clear();
      renewedAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
