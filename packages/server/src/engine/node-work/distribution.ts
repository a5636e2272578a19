import { matchesTarget, parseTargetKey } from "@yardmaster/kernel";
import type { Assignment } from "../worker/assignment.ts";
import { targetKeyOf } from "../worker/runner-kind.ts";
import { type HeldNode, roomOf } from "./held-node.ts";
import type { NodeSessionStore, WaitingTarget } from "./node-sessions.store.ts";

export interface DistributionDeps {
  readonly store: Pick<NodeSessionStore, "waitingTargets">;
  readonly nodes: () => Iterable<HeldNode>;
  /** Has been leased to the node. */
  readonly accept: (node: HeldNode, assignment: Assignment) => void;
  /** A lane that something for nodes waits in has used its rate up, for so many milliseconds. */
  readonly onHeld: (inMs: number) => void;
  readonly onError: (error: unknown, what: string) => void;
}

/** Leases what waits for nodes to those that have room, the emptiest first. One distribution at a time. */
export function createDistribution(deps: DistributionDeps) {
  let distributing: Promise<void> | undefined;
  let again = false;
  let isClosed = false;

  /** What happens during a distribution brings another. */
  function wake(): void {
    if (isClosed) return;
    again = true;
    distributing ??= distributeAll().finally(() => {
      distributing = undefined;
    });
  }

  async function distributeAll(): Promise<void> {
    while (again && !isClosed) {
      again = false;
      try {
        if (free().length > 0) await distribute();
      } catch (error) {
        // The next look tries again, and recalls what the failed claim may have leased.
        deps.onError(error, "attempts for nodes could not be leased; trying again");
        return;
      }
    }
  }

  function free(): HeldNode[] {
    return [...deps.nodes()]
      .filter((node) => roomOf(node) > 0)
      .sort((a, b) => roomOf(b) - roomOf(a));
  }

  async function distribute(): Promise<void> {
    for (const node of deps.nodes()) {
      if (node.claims.recallInMs() === undefined) continue;
      for (const assignment of await node.claims.recall()) deps.accept(node, assignment);
    }
    const shut = new Set<string>();
    let idle = free();
    for (const waiting of await deps.store.waitingTargets()) {
      if (waiting.inMs > 0) deps.onHeld(waiting.inMs);
      // Very many targets may wait for nodes that are away: who is free is asked anew only when that has changed.
      else if (!shut.has(waiting.queue) && (await offer(waiting, idle, shut))) idle = free();
    }
  }

  /** Whether any of these took something; `shut` are the lanes that admit no more. */
  async function offer(
    { runner, queue }: WaitingTarget,
    idle: readonly HeldNode[],
    shut: Set<string>,
  ): Promise<boolean> {
    const target = parseTargetKey(targetKeyOf(runner));
    let hasGiven = false;
    for (const node of idle) {
      const { place, claims } = node;
      if (!matchesTarget(target, { name: place.name(), labels: place.labels() })) continue;
      const limit = roomOf(node);
      if (limit <= 0) continue;
      const { got, isShut } =
        queue === ""
          ? { got: await claims.claim(runner, limit), isShut: false }
          : await claims.admit(queue, runner, limit);
      for (const assignment of got) deps.accept(node, assignment);
      hasGiven ||= got.length > 0;
      if (isShut) shut.add(queue);
      if (isShut || got.length < limit) break;
    }
    return hasGiven;
  }

  return {
    /** Something may wait, or a node has room. */
    wake,
    /** Leases nothing more; resolves when what is under way has ended. */
    async close(): Promise<void> {
      isClosed = true;
      await distributing;
    },
  };
}
