import type { LinkRegistry } from "../../registry/registry.types.ts";
import { notSent } from "../calls/exec-call.ts";
import type { HubJobs } from "../jobs.types.ts";
import type { Link } from "./link.types.ts";
import { goodbyeEnd, STOPPED, STOPPED_HARD } from "./link-ends.ts";
import { callsOn, type Farewell, type NodeSlot } from "./node-slot.ts";

export interface FarewellDeps {
  readonly registry: Pick<LinkRegistry, "draining">;
  readonly jobs: HubJobs | undefined;
  readonly monotonicMs: () => number;
  readonly retryAfterMs: number;
  readonly onFault: (error: unknown, what: string) => void;
}

/** Goodbyes of both sides: nothing new begins, what is under way ends, then the link is closed. */
export interface Farewells {
  ofNode(slot: NodeSlot, link: Link, reason: string, drainMs: number): void;
  ofServer(slot: NodeSlot, link: Link, drainMs: number): void;
  /** The time of a goodbye is over now. */
  hurry(slot: NodeSlot): void;
  /** Closes the link if nothing is under way, or if its time is over. */
  check(slot: NodeSlot, nowMs: number): void;
}

export function createFarewells(deps: FarewellDeps): Farewells {
  function begin(slot: NodeSlot, link: Link, farewell: Farewell, why: string): void {
    const isFirst = link.state !== "draining";
    link.drain();
    slot.farewell = farewell;
    if (isFirst && slot.job !== undefined) deps.jobs?.onDraining?.(slot.job);
    for (const call of [...slot.waiting, ...slot.awaitingShell]) call.fail(notSent(slot.name, why));
    check(slot, deps.monotonicMs());
  }

  function check(slot: NodeSlot, nowMs: number): void {
    const { link, farewell } = slot;
    if (link === undefined || farewell === undefined) return;
    if (nowMs >= farewell.untilMs) link.close(farewell.late);
    else if (isQuiet(slot, link)) link.close(farewell.done);
  }

  function isQuiet(slot: NodeSlot, link: Link): boolean {
    const jobs = slot.job === undefined ? 0 : (deps.jobs?.unrecorded?.(slot.job) ?? 0);
    return jobs === 0 && slot.held === undefined && callsOn(slot, link.sessionId).length === 0;
  }

  return {
    ofNode(slot, link, reason, drainMs) {
      const untilMs = deps.monotonicMs() + drainMs;
      deps.registry
        .draining(link.sessionId, reason)
        .catch((error: unknown) => deps.onFault(error, "a node's goodbye could not be recorded"));
      const end = goodbyeEnd(reason);
      begin(slot, link, { untilMs, done: end, late: end }, "said goodbye");
    },
    ofServer(slot, link, drainMs) {
      link.urgent({
        type: "bye",
        reason: "server_shutdown",
        ...(link.has("lifecycle") && { drain_ms: drainMs, retry_after_ms: deps.retryAfterMs }),
      });
      const untilMs = deps.monotonicMs() + drainMs;
      begin(
        slot,
        link,
        { untilMs, done: STOPPED, late: STOPPED_HARD },
        "is left, as the server stops",
      );
    },
    hurry(slot) {
      if (slot.farewell === undefined) return;
      const nowMs = deps.monotonicMs();
      slot.farewell = { ...slot.farewell, untilMs: nowMs };
      check(slot, nowMs);
    },
    check,
  };
}
