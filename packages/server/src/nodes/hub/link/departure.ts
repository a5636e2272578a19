import { AppError } from "@yardmaster/protocol";
import { CLOSE } from "@yardmaster/protocol/node";
import type { LinkRegistry } from "../../registry/registry.types.ts";
import { createUnderway } from "../../underway.ts";
import { notSent } from "../calls/exec-call.ts";
import type { HubJobs } from "../jobs.types.ts";
import type { Link, LinkEnd } from "./link.types.ts";
import { callsOn, type NodeSlot } from "./node-slot.ts";

export interface DepartureDeps {
  readonly registry: Pick<LinkRegistry, "reconnecting" | "left">;
  readonly jobs: HubJobs | undefined;
  readonly monotonicMs: () => number;
  readonly now: () => number;
  readonly options: {
    readonly graceMs: number;
    readonly resumeWaitMs: number;
    readonly recycleMs: number;
  };
  readonly onFault: (error: unknown, what: string) => void;
}

/** What becomes of a node's calls when its link ends, and when it does not come back. */
export interface Departure {
  /** Everything of the link is found by its session id: nothing of a newer one is touched. */
  ended(slot: NodeSlot, link: Link, end: LinkEnd): void;
  /** The node did not come back to its calls, or came back without them. */
  giveUpHeld(slot: NodeSlot): void;
  /** A client that was sent away did not return. */
  giveUpRecycled(slot: NodeSlot): void;
  /** Resolves when the ends so far are recorded, as far as they can be. */
  recorded(): Promise<void>;
}

/** Where PostgreSQL is away at the end, the others find out by themselves. */
const RECORD_MOST_MS = 5_000;

export function createDeparture(deps: DepartureDeps): Departure {
  const { registry, options } = deps;

  const telling = createUnderway();

  function tell(step: Promise<unknown>): void {
    telling.add(
      step.catch((error: unknown) => deps.onFault(error, "a link's end could not be recorded")),
    );
  }

  function ended(slot: NodeSlot, link: Link, how: LinkEnd): void {
    const { sessionId } = link;
    const end = (slot.link === link && closedAfterGoodbye(slot, how)) || how;
    const job = slot.link === link ? slot.job : undefined;
    if (slot.link === link) {
      slot.link = undefined;
      slot.job = undefined;
      slot.farewell = undefined;
    }
    if (slot.inFlight?.linkId === sessionId) slot.inFlight = undefined;
    const mayHold = canHold(slot, link, end);
    if (mayHold) hold(slot, link, end);
    if (mayHold || slot.recycleUntilMs !== undefined) slot.lost = link;
    for (const call of callsOn(slot, sessionId)) {
      if (mayHold) call.hold();
      else call.fail(end.error(slot.name));
    }
    if (!mayHold && end.reason !== "replaced") dropWaiting(slot, end);
    record(slot, sessionId, end, mayHold);
    if (job === undefined) return;
    job.end();
    const waitMs = end.reason === "replaced" ? options.resumeWaitMs : options.graceMs;
    deps.jobs?.onClosed(job, end.reason, mayHold ? waitMs : 0);
  }

  /** A node that has said goodbye may close before all of it is recorded here. It is not lost, and does not come back. */
  function closedAfterGoodbye({ farewell }: NodeSlot, { code }: LinkEnd): LinkEnd | undefined {
    const isGoodbye = farewell?.done.reason === "bye" && code === CLOSE.normal;
    return isGoodbye ? farewell.done : undefined;
  }

  /** The one that took its place may be the same node, come back before its old link was missed. */
  function canHold(slot: NodeSlot, link: Link, end: LinkEnd): boolean {
    const isDrained = link.state === "draining";
    return end.mayResume && !isDrained && link.has("resume") && (slot.link?.has("resume") ?? true);
  }

  function hold(slot: NodeSlot, link: Link, end: LinkEnd): void {
    const nowMs = deps.monotonicMs();
    const waitMs = end.reason === "replaced" ? options.resumeWaitMs : options.graceMs;
    slot.lostEpoch = link.epoch;
    slot.held = {
      sessionId: link.sessionId,
      epoch: slot.held?.epoch ?? link.epoch,
      sinceMs: deps.now(),
      untilMs: nowMs + waitMs,
      error: end.error,
    };
  }

  function dropWaiting(slot: NodeSlot, end: LinkEnd): void {
    if (slot.recycleUntilMs !== undefined && end.mayResume) return;
    const why = end.sentence.charAt(0).toLowerCase() + end.sentence.slice(1);
    for (const call of [...slot.waiting, ...slot.awaitingShell]) {
      call.fail(
        end.reason === "revoked" ? end.error(slot.name) : notSent(slot.name, `is gone (${why})`),
      );
    }
  }

  function record(slot: NodeSlot, sessionId: string, end: LinkEnd, mayHold: boolean): void {
    // The registry has given the place away already.
    if (end.reason === "replaced") return;
    if (mayHold) tell(registry.reconnecting(sessionId, options.graceMs));
    else if (slot.recycleUntilMs !== undefined)
      tell(registry.reconnecting(sessionId, options.recycleMs));
    else tell(registry.left(sessionId, end.sentence));
  }

  return {
    ended,
    recorded: () => telling.ended(RECORD_MOST_MS),
    giveUpHeld(slot) {
      const { held } = slot;
      if (held === undefined) return;
      slot.held = undefined;
      slot.lost = undefined;
      for (const call of [...slot.calls.values()])
        if (call.isHeld) call.fail(held.error(slot.name));
      if (slot.link !== undefined) return;
      tell(registry.left(held.sessionId, "The node did not come back in time"));
      for (const call of [...slot.waiting])
        call.fail(notSent(slot.name, "did not come back in time"));
    },
    giveUpRecycled(slot) {
      slot.recycleUntilMs = undefined;
      if (slot.lost !== undefined)
        tell(registry.left(slot.lost.sessionId, "It was sent away and did not come back in time"));
      slot.lost = undefined;
      const seconds = Math.round(options.recycleMs / 1_000);
      const detail = `Node ${slot.name} was sent away for a fresh shell and did not come back within ${seconds} s; the call was not sent to it`;
      for (const call of [...slot.waiting, ...slot.awaitingShell])
        call.fail(new AppError("node_offline", detail));
    },
  };
}
