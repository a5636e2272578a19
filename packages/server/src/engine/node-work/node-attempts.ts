import { attemptKey } from "../attempt-row.ts";
import type { Assignment, Outcome } from "../worker/assignment.ts";
import { endedAttempt, type PostDeps, postEnd } from "../worker/ended-attempt.ts";
import type { HeldNode } from "./held-node.ts";
import type { NodeSessionStore } from "./node-sessions.store.ts";

export interface NodeAttemptsDeps {
  readonly store: Pick<NodeSessionStore, "stops">;
  readonly nodes: () => Iterable<HeldNode>;
  readonly posting: PostDeps;
  readonly now: () => number;
  readonly random: () => number;
  /** No node is given anything any more. */
  readonly isClosed: () => boolean;
  /** An attempt's end is recorded: its node may have room, and others may be ready. */
  readonly onRecorded: () => void;
}

/** The attempts that nodes have, from their leases to the recording of their ends. */
export function createNodeAttempts(deps: NodeAttemptsDeps) {
  /** Of sessions that are over, until their ends are recorded. */
  const lastWords = new Set<Promise<void>>();

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
      deps.onRecorded();
    });
    one.unrecorded.add(recorded);
    if (one.isOver) lastWords.add(recorded);
  }

  /** Before it has room again, or it is given what it could not begin at once. */
  function note({ rest, isOver }: HeldNode, { notBegun }: Outcome): void {
    if (notBegun === undefined) rest.begun();
    else if (!isOver && !deps.isClosed()) rest.notBegun(notBegun);
  }

  async function report(one: HeldNode, assignment: Assignment, outcome: Outcome): Promise<void> {
    const facts = { worker: one.sessionId, at: deps.now(), random: deps.random() };
    const isLost = outcome.status !== "success" && one.isOver;
    const event = endedAttempt(assignment, isLost ? { status: "lost" } : outcome, facts);
    await postEnd(deps.posting, assignment.runId, event);
  }

  async function applyStopsOf(one: HeldNode): Promise<void> {
    const stops = await deps.store.stops(one.sessionId).catch(() => []);
    for (const { runId, slot, number } of stops) stop(runId, slot, number);
  }

  function stop(runId: string, slot: string, number: number): void {
    const key = attemptKey({ runId, slot, number });
    for (const { running } of deps.nodes()) running.get(key)?.abort("cancel");
  }

  return {
    /** It has been leased to the node. */
    accept,
    stop,
    /** Stops what has been asked for in the database, by this process or another. */
    applyStops(): void {
      for (const one of deps.nodes()) if (one.running.size > 0) void applyStopsOf(one);
    },
    /** The session of a node is over: others may have what it had leased. */
    lose(one: HeldNode): void {
      for (const recorded of one.unrecorded) lastWords.add(recorded);
      for (const abort of one.running.values()) abort.abort("lease_lost");
    },
    /** Resolves when the ends of all that was lost are recorded. */
    async recorded(): Promise<void> {
      await Promise.all(lastWords);
    },
  };
}
