import { AppError, isAppError } from "@yardmaster/protocol";
import type { Call, CallFrame, RequestFrame } from "../calls/call.types.ts";
import { notSent } from "../calls/exec-call.ts";
import { isFreshShellCall } from "../calls/fresh-shell-call.ts";
import type { Link } from "./link.types.ts";
import { recycledEnd } from "./link-ends.ts";
import { callsOn, type NodeSlot } from "./node-slot.ts";

export interface DispatchDeps {
  readonly monotonicMs: () => number;
  readonly now: () => number;
  readonly options: {
    readonly openCalls: number;
    readonly queuedCalls: number;
    readonly queueBytes: number;
    readonly recycleMs: number;
  };
  /** Sends a command that does nothing, to see whether a base client still has a shell; meanwhile `isProbing`. */
  readonly probe: (slot: NodeSlot) => void;
  /** A chunk or a result of a call that is over. */
  readonly onLate: (slot: NodeSlot, callId: string) => void;
  /** A call has ended: whoever waits for quiet may look. */
  readonly onQuiet: (slot: NodeSlot) => void;
}

/** Brings calls to links and frames to calls: looked up, registered and sent in one step. */
export interface Dispatch {
  /** @throws AppError `node_busy`, `node_disconnected` */
  enqueue(slot: NodeSlot, call: Call): void;
  /** Sends what may be sent. */
  pump(slot: NodeSlot): void;
  /** Sends it before all that waits. Fails it where there is no link, or one that is at work. */
  sendFirst(slot: NodeSlot, call: Call): void;
  /** False: nothing that the node owes to a call that is open on this link, or was. */
  take(slot: NodeSlot, link: Link, frame: CallFrame): boolean;
  /** An answer to a call that cannot be read: it fails, rather than to wait for another. */
  flawed(slot: NodeSlot, link: Link, callId: string, detail: string): void;
  ended(slot: NodeSlot, call: Call): void;
  /** Sends the client away to come back with a fresh session; what waits, waits for that. */
  recycle(slot: NodeSlot, link: Link, why: string): void;
  /**
   * Recycles a session whose keys are used up, or that was agreed under another policy, when no call is under way
   * that could not go on.
   */
  renew(slot: NodeSlot): void;
}

export function createDispatch(deps: DispatchDeps): Dispatch {
  const { options } = deps;

  function enqueue(slot: NodeSlot, call: Call): void {
    const { name, link } = slot;
    if (link?.state === "draining")
      throw notSent(name, "takes no new work, since it or the server said goodbye");
    if (link === undefined && slot.recycleUntilMs === undefined) throw notSent(name, "is gone");
    const most = link?.isSerial === true ? options.queuedCalls : options.openCalls;
    if (slot.calls.size >= most) {
      const detail = `Node ${name} has ${slot.calls.size} calls open already, which is as many as it may; try again later`;
      throw new AppError("node_busy", detail);
    }
    slot.calls.set(call.id, call);
    slot.waiting.push(call);
    pump(slot);
  }

  function pump(slot: NodeSlot): void {
    // Sending may end calls, which pumps again: the loop looks anew each time.
    while (mayGoOn(slot)) {
      const call = slot.waiting.shift();
      if (call === undefined || slot.link === undefined) return;
      send(slot, slot.link, call);
    }
  }

  function mayGoOn(slot: NodeSlot): boolean {
    const { link, waiting } = slot;
    const [head] = waiting;
    if (link === undefined || link.state !== "open" || head === undefined) return false;
    if (reasonToRenew(link) !== undefined) {
      renew(slot);
      return false;
    }
    return !link.isSerial || isSerialReady(slot, link, head);
  }

  /** A base client takes one call at a time, and none on a shell that is not to be trusted. */
  function isSerialReady(slot: NodeSlot, link: Link, head: Call): boolean {
    if (slot.inFlight !== undefined) {
      if (!slot.calls.has(slot.inFlight.callId))
        recycle(slot, link, "It still worked on a call that was given up");
      return false;
    }
    if (isFreshShellCall(head)) {
      slot.waiting.shift();
      slot.awaitingShell.add(head);
      recycle(slot, link, "Its shell was reset");
      return false;
    }
    if (head.kind !== "exec") return true;
    if (slot.health.isSuspect) {
      recycle(slot, link, "Its shell could not be trusted any more");
      return false;
    }
    if (!slot.health.isProbeDue) return true;
    if (!slot.isProbing) deps.probe(slot);
    return false;
  }

  function sendFirst(slot: NodeSlot, call: Call): void {
    const { link } = slot;
    if (link?.state !== "open" || slot.inFlight !== undefined)
      return call.fail(notSent(slot.name, "is gone or at work"));
    slot.calls.set(call.id, call);
    send(slot, link, call);
  }

  function renew(slot: NodeSlot): void {
    const { link } = slot;
    if (link?.state !== "open") return;
    const why = reasonToRenew(link);
    if (why === undefined) return;
    if (link.has("resume") || callsOn(slot, link.sessionId).length === 0) recycle(slot, link, why);
  }

  function recycle(slot: NodeSlot, link: Link, why: string): void {
    slot.recycleUntilMs = deps.monotonicMs() + options.recycleMs;
    // Our client ends what it does at a goodbye; without one it comes back to its calls.
    if (!link.has("resume")) link.urgent({ type: "bye", reason: "server_shutdown" });
    link.close(recycledEnd(`${why}; it was sent away to come back fresh`));
  }

  function send(slot: NodeSlot, link: Link, call: Call): void {
    const frame = frameOf(call, link);
    if (frame === undefined) return;
    if (link.queuedBytes + weightOf(frame) > options.queueBytes) {
      const detail = `Node ${slot.name} does not take what was sent to it; ${link.queuedBytes} bytes wait already`;
      return call.fail(new AppError("node_busy", detail));
    }
    link.send(frame);
    if (link.isSerial) slot.inFlight = { callId: call.id, linkId: link.sessionId };
    if (call.shell !== undefined) slot.shells.used(call.shell, new Date(deps.now()));
    call.sent(link);
    slot.line.add(call);
  }

  function take(slot: NodeSlot, link: Link, frame: CallFrame): boolean {
    const { id } = frame;
    if (id === undefined) return false;
    const isLast = isFinal(frame);
    if (isLast && slot.inFlight?.callId === id && slot.inFlight.linkId === link.sessionId)
      slot.inFlight = undefined;
    const call = slot.calls.get(id);
    const isOpen = call !== undefined && call.linkId === link.sessionId && !call.isHeld;
    const isDue = isOpen ? call.take(frame) : slot.ended.take(id, frame);
    // What becomes of input that came too late for a call is no result that came late.
    const isOfInput = frame.type === "error" || frame.type === "exec_input_ack";
    if (!isOpen && !isOfInput) deps.onLate(slot, id);
    if (isLast) pump(slot);
    return isDue;
  }

  return {
    enqueue,
    pump,
    sendFirst,
    take,
    recycle,
    renew,
    flawed(slot, link, callId, detail) {
      const call = slot.calls.get(callId);
      if (call?.linkId !== link.sessionId || call.isHeld) return;
      if (slot.inFlight?.callId === callId) slot.inFlight = undefined;
      const code = call.kind === "read" || call.kind === "write" ? "io_error" : "exec_failed";
      call.fail(
        new AppError(code, `Node ${slot.name} gave an answer that cannot be read: ${detail}`),
      );
    },
    ended(slot, call) {
      slot.calls.delete(call.id);
      if (isFreshShellCall(call)) slot.awaitingShell.delete(call);
      const at = slot.waiting.indexOf(call);
      if (at !== -1) slot.waiting.splice(at, 1);
      slot.ended.add(call.id, call.kind, call.owed());
      slot.line.ended(call);
      deps.onQuiet(slot);
      pump(slot);
    },
  };
}

function reasonToRenew({ isSpent, isOutgrown }: Link): string | undefined {
  if (isSpent) return "Its encryption keys were used up";
  return isOutgrown ? "What it may be asked has changed" : undefined;
}

function frameOf(call: Call, link: Link): RequestFrame | undefined {
  try {
    const frame = call.frameFor(link);
    // For the node's own audit; a base client gets no field that is not its protocol's.
    return link.has("info") ? { ...frame, actor: call.actor } : frame;
  } catch (error) {
    const detail = "The call could not be made into a message (d6m1)";
    call.fail(isAppError(error) ? error : new AppError("internal", detail, { cause: error }));
    return undefined;
  }
}

/** Roughly what a frame weighs on the wire. */
function weightOf(frame: RequestFrame): number {
  if (frame.type === "write") return 1_024 + (frame.content_b64?.length ?? 0);
  return frame.type === "exec" ? 1_024 + frame.command.length : 1_024;
}

function isFinal(frame: CallFrame): boolean {
  if (frame.type === "exec_chunk") return frame.more === false;
  return frame.type !== "cancel_ack" && frame.type !== "exec_input_ack";
}
