import type { NotBegun, Runners } from "../../runners/index.ts";
import { attemptKey } from "../attempt-row.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Assignment, Outcome } from "../worker/assignment.ts";
import type { Claims } from "../worker/claims.ts";
import { endedAttempt, type PostDeps, postEnd, postingWhile } from "../worker/ended-attempt.ts";
import { createRest, REST_MS } from "../worker/rest.ts";
import type { WorkerDeps } from "../worker/worker.ts";
import { createDistribution, type DistributionDeps } from "./distribution.ts";
import type { HeldNode } from "./held-node.ts";
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
  /** Attempts of sessions that are over, until their ends are recorded. */
  const lastWords = new Set<Promise<void>>();
  let cancelLook: (() => void) | undefined;
  let cancelRenewal = (): void => {};
  let isClosed = false;
  const distribution = createDistribution({ ...deps, nodes: () => held.values(), accept });
  const { wake } = distribution;
  const posting = { ...deps, again: postingWhile(() => !isClosed, deps.timers) };

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
      for (const one of held.values()) if (one.running.size > 0) void applyStops(one);
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

  /** Others may have what it had leased. */
  function giveUp(one: HeldNode): void {
    if (one.isOver) return;
    one.isOver = true;
    held.delete(one.sessionId);
    for (const recorded of one.unrecorded) lastWords.add(recorded);
    one.rest.close();
    for (const abort of one.running.values()) abort.abort("lease_lost");
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

  function accept(one: HeldNode, assignment: Assignment): void {
    const key = attemptKey(assignment);
    const abort = new AbortController();
    if (one.isOver) abort.abort("lease_lost");
    one.running.set(key, abort);
    one.rest.taken();
    const outcome = Promise.resolve(one.carryOut(assignment, abort.signal, one.rest.begun));
    const recorded = outcome.then(async (ended) => {
      note(one, ended);
      one.running.delete(key);
      await report(one, assignment, ended);
      one.unrecorded.delete(recorded);
      lastWords.delete(recorded);
      wake();
    });
    one.unrecorded.add(recorded);
    if (one.isOver) lastWords.add(recorded);
  }

  /** Before it has room again, or it is given what it could not begin at once. */
  function note({ rest, isOver }: HeldNode, { notBegun }: Outcome): void {
    if (notBegun === undefined) rest.begun();
    else if (!isOver && !isClosed) rest.notBegun(notBegun);
  }

  async function report(one: HeldNode, assignment: Assignment, outcome: Outcome): Promise<void> {
    const facts = { worker: one.sessionId, at: deps.now(), random: deps.random() };
    const isLost = outcome.status !== "success" && one.isOver;
    const event = endedAttempt(assignment, isLost ? { status: "lost" } : outcome, facts);
    await postEnd(posting, assignment.runId, event);
  }

  async function applyStops(one: HeldNode): Promise<void> {
    const stops = await deps.store.stops(one.sessionId).catch(() => []);
    for (const { runId, slot, number } of stops) stop(runId, slot, number);
  }

  function stop(runId: string, slot: string, number: number): void {
    const key = attemptKey({ runId, slot, number });
    for (const { running } of held.values()) running.get(key)?.abort("cancel");
  }

  return {
    open,
    wake,
    stop,
    /** Another process wants attempts stopped. */
    applyAllStops(): void {
      for (const one of held.values()) if (one.running.size > 0) void applyStops(one);
    },
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
      await Promise.all(lastWords);
    },
  };
}

export type RunningNodeWork = ReturnType<typeof createNodeWork>;
