import { AppError } from "@yardmaster/protocol";
import type { CallDecision, NodeFrames, ResumeReason } from "@yardmaster/protocol/node";
import type { Call } from "../calls/call.types.ts";
import type { HubJobs, LeaseDecision } from "../jobs.types.ts";
import type { Departure } from "./departure.ts";
import type { Link } from "./link.types.ts";
import type { NodeSlot } from "./node-slot.ts";
import type { ResumeTokens } from "./resume-token.ts";

export interface ResumeDeps {
  readonly tokens: ResumeTokens;
  readonly jobs: HubJobs | undefined;
  readonly departure: Departure;
  readonly onFault: (error: unknown, what: string) => void;
}

/**
 * The node says what it still has of the session before. What it works on, or has worked on, goes on where it
 * was; what it never got is sent again under the same id, which it knows for ten minutes: nothing runs twice.
 */
export function resume(
  deps: ResumeDeps,
  slot: NodeSlot,
  link: Link,
  frame: NodeFrames["resume"],
): void {
  const refusal = judge(deps.tokens, slot, link, frame.resume_token);
  if (refusal !== undefined) {
    link.urgent({ type: "resume_err", reason: refusal });
    deps.departure.giveUpHeld(slot);
    return link.open();
  }
  decideLeases(deps, slot, frame)
    .catch((error: unknown): LeaseDecision[] => {
      deps.onFault(error, "the leases of a node that came back could not be judged");
      return frame.leases.map(({ lease_id }) => ({ lease_id, keep: false }));
    })
    .then((leases) => {
      if (link.state !== "over") answer(slot, link, frame, leases);
    })
    .catch((error: unknown) => deps.onFault(error, "a node could not go on with its calls"));
}

function judge(
  tokens: ResumeTokens,
  slot: NodeSlot,
  link: Link,
  token: string,
): ResumeReason | undefined {
  const epoch = tokens.epochOf(slot.nodeId, token);
  if (epoch === undefined) return "unknown";
  // Of the session before, or of one whose calls are still held; and only while nothing was decided yet.
  const isRecent =
    epoch === link.epoch - 1 || (slot.held !== undefined && epoch >= slot.held.epoch);
  if (!isRecent || epoch >= link.epoch || link.state !== "settling") return "superseded";
  return slot.lostEpoch === epoch && slot.held === undefined ? "expired" : undefined;
}

async function decideLeases(
  { jobs }: ResumeDeps,
  slot: NodeSlot,
  { leases }: NodeFrames["resume"],
): Promise<readonly LeaseDecision[]> {
  if (leases.length === 0) return [];
  if (jobs === undefined || slot.job === undefined)
    return leases.map(({ lease_id }) => ({ lease_id, keep: false }));
  return await jobs.onResume(slot.job, leases);
}

function answer(
  slot: NodeSlot,
  link: Link,
  { calls }: NodeFrames["resume"],
  leases: readonly LeaseDecision[],
): void {
  const held = new Map([...slot.calls].filter(([, call]) => call.isHeld));
  const goingOn: Call[] = [];
  const decisions = calls.map(({ id }): CallDecision => {
    const call = held.get(id);
    if (call === undefined) return { id, action: "discard", from_seq: 0 };
    held.delete(id);
    goingOn.push(call);
    return { id, action: "continue", from_seq: call.lastSeq };
  });
  link.urgent({
    type: "resume_ok",
    calls: decisions,
    leases: leases.map((lease) => ({ ...lease })),
  });
  for (const call of goingOn) call.goOn(link);
  sendAgain(slot, [...held.values()]);
  slot.held = undefined;
  link.open();
}

/** Calls that the node never got. */
function sendAgain(slot: NodeSlot, calls: readonly Call[]): void {
  const again: Call[] = [];
  for (const call of calls) {
    // It may wait already, where the link was lost again before its turn came.
    if (slot.waiting.includes(call)) continue;
    if (call.isRepeatable && call.lastSeq === 0) again.push(call);
    else call.fail(notReceived(slot.name, call));
  }
  slot.waiting.unshift(...again);
}

function notReceived(node: string, call: Call): AppError {
  if (call.lastSeq > 0) {
    const detail = `Node ${node} came back and does not know the call any more, though it had begun`;
    return new AppError("node_disconnected", detail);
  }
  const detail = `Node ${node} never received the ${call.kind}: its link was lost before. Nothing was done; it may be repeated`;
  return new AppError("not_received", detail);
}
