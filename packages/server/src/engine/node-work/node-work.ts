import type { NotBegun, Runners } from "../../runners/index.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Claims } from "../worker/claims.ts";
import { type PostDeps, postingWhile } from "../worker/ended-attempt.ts";
import { createRest, REST_MS } from "../worker/rest.ts";
import type { WorkerDeps } from "../worker/worker.ts";
import { createDistribution, type DistributionDeps } from "./distribution.ts";
import type { HeldNode } from "./held-node.ts";
import { createNodeAttempts } from "./node-attempts.ts";
import type { NodeSessionStore } from "./node-sessions.store.ts";
import type { NodePlace, NodeSession } from "./node-work.types.ts";

/** How long nodes hold on to their leases without a link: what they are told as `lease_ms`. */
export const NODE_LEASE_MS = 120_000;
/** How often sessions of nodes are renewed, and again after a failure. */
const RENEW_EVERY_MS = 15_000;
const RENEW_AGAIN_MS = 2_000;
/** A node that is cut off has killed its jobs by then: its lease, a renewal that came late, and the kill itself. */
export const NODE_SESSION_MS = NODE_LEASE_MS + 2 * RENEW_EVERY_MS + 10_000;
/** Hints may be lost: what waits, and what is to be stopped, is looked for as often. */
const LOOK_EVERY_MS = 2_000;

export interface NodeWorkDeps extends Omit<PostDeps, "again"> {
  readonly store: NodeSessionStore;
  readonly claims: (sessionId: string) => Claims;
  readonly carryOut: (sessionId: string, work: Runners["work"]) => WorkerDeps["carryOut"];
  readonly onHeld: DistributionDeps["onHeld"];
  readonly timers: Timers;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly newId: () => string;
}

export interface NodeWorkOptions {
  /** How long a node's session lives without renewal: longer than the leases that nodes are given. */
  readonly lifeMs: number;
}

/**
 * Leases attempts to the nodes whose links this process holds. A node's leases belong to a session of the node, not of
 * this process: they outlive both links and processes, for as long as the node goes on with them.
 */
export function createNodeWork(deps: NodeWorkDeps, { lifeMs }: NodeWorkOptions) {
  const held = new Map<string, HeldNode>();
  let cancelLook: (() => void) | undefined;
  let cancelRenewal = (): void => {};
  let isClosed = false;
  const nodes = (): Iterable<HeldNode> => held.values();
  const attempts = createNodeAttempts({
    ...deps,
    nodes,
    posting: { ...deps, again: postingWhile(() => !isClosed, deps.timers) },
    isClosed: () => isClosed,
    onRecorded: () => wake(),
  });
  const distribution = createDistribution({ ...deps, nodes, accept: attempts.accept });
  const { wake } = distribution;

  async function open(place: NodePlace): Promise<NodeSession> {
    const sessionId = deps.newId();
    const askedAt = deps.monotonicMs();
    await deps.store.open({
      id: sessionId,
      nodeId: place.nodeId,
      name: place.name(),
      lifeMs,
    });
    const one: HeldNode = {
      sessionId,
      place,
      claims: deps.claims(sessionId),
      carryOut: deps.carryOut(sessionId, place.work),
      running: new Map(),
      rest: restOf(place),
      unrecorded: new Set(),
      renewedAt: askedAt,
      isOver: false,
    };
    held.set(sessionId, one);
    if (cancelLook === undefined) begin();
    wake();
    return {
      sessionId,
      ready: wake,
      isRenewed: () => !one.isOver && deps.monotonicMs() - one.renewedAt < 2 * RENEW_EVERY_MS,
      unrecorded: () => one.unrecorded.size,
      close: (reason) => close(one, reason),
    };
  }

  function restOf(place: NodePlace): HeldNode["rest"] {
    const { timers, monotonicMs } = deps;
    return createRest({
      timers,
      monotonicMs,
      onRoom: wake,
      onFirst: (why) => tellRest(place, why),
    });
  }

  function tellRest(place: NodePlace, why: NotBegun): void {
    const [firstS, mostS] = [REST_MS.first / 1_000, REST_MS.most / 1_000];
    const what = `attempts are given back: node ${place.name()} is given none for ${firstS} s, one, and so on after up to ${mostS} s; ${why.wayOut}`;
    deps.onError(why, what);
  }

  function begin(): void {
    look();
    cancelRenewal = deps.timers.after(RENEW_EVERY_MS, () => void renew());
  }

  function look(): void {
    cancelLook = deps.timers.after(LOOK_EVERY_MS, () => {
      look();
      attempts.applyStops();
      wake();
    });
  }

  async function renew(): Promise<void> {
    const reachable = [...held.values()].filter(({ place }) => place.isReachable());
    const askedAt = deps.monotonicMs();
    let nextMs = RENEW_EVERY_MS;
    try {
      const ids = reachable.map(({ sessionId }) => sessionId);
      const living = new Set(ids.length === 0 ? [] : await deps.store.renew(ids, lifeMs));
      for (const one of reachable) {
        if (living.has(one.sessionId)) one.renewedAt = askedAt;
        else giveUp(one);
      }
    } catch (error) {
      deps.onError(error, "the sessions of nodes could not be renewed; trying again");
      nextMs = RENEW_AGAIN_MS;
    }
    if (!isClosed) cancelRenewal = deps.timers.after(nextMs, () => void renew());
  }

  function giveUp(one: HeldNode): void {
    if (one.isOver) return;
    one.isOver = true;
    held.delete(one.sessionId);
    one.rest.close();
    attempts.lose(one);
    one.place.onEnded();
  }

  async function close(one: HeldNode, reason: string): Promise<void> {
    giveUp(one);
    await deps.store
      .end(one.sessionId, reason)
      .catch((error: unknown) =>
        deps.onError(error, "the session of a node could not be ended; it runs out by itself"),
      );
  }

  return {
    open,
    wake,
    stop: attempts.stop,
    /** Another process wants attempts stopped. */
    applyAllStops: attempts.applyStops,
    /**
     * After the links are gone: leases nothing more, and records what has ended. Sessions of nodes that are away stay;
     * they run out, or their nodes come back.
     */
    async close(): Promise<void> {
      isClosed = true;
      cancelLook?.();
      cancelRenewal();
      for (const { rest } of held.values()) rest.close();
      await distribution.close();
      await attempts.recorded();
    },
  };
}

export type RunningNodeWork = ReturnType<typeof createNodeWork>;
