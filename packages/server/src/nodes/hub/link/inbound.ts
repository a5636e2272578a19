import {
  type Capability,
  CLOSE,
  isCarried,
  NODE_LIMITS,
  type NodeFrame,
  type OutgoingServerFrame,
  REASON_CODES,
} from "@yardmaster/protocol/node";
import type { Incoming } from "../wire/channel.ts";
import { createRollingWindow } from "../wire/rolling-window.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { LinkEnd, LinkHandlers, LinkState } from "./link.types.ts";
import { BAD_FRAMES, breachEnd, FLOODED } from "./link-ends.ts";

export interface InboundDeps {
  readonly capabilities: ReadonlySet<Capability>;
  readonly handlers: LinkHandlers;
  readonly heartbeat: Heartbeat;
  readonly monotonicMs: () => number;
  readonly timestamp: () => string;
  readonly node: () => { readonly name: string };
  readonly state: () => LinkState;
  /** Calls wait for the node to say what it resumes. */
  readonly isAwaited: () => boolean;
  readonly urgent: (frame: OutgoingServerFrame) => void;
  readonly learn: (frame: Extract<NodeFrame, { type: "node_info" }>) => void;
  readonly open: () => void;
  readonly end: (how: LinkEnd) => void;
}

export interface InboundOptions {
  readonly messagesPerSecond: number;
  readonly badFramesPerMinute: number;
}

const MINUTE_MS = 60_000;

/** Brings what comes over a link to whom it is for, and ends a link that floods or babbles. */
export function createInbound(
  deps: InboundDeps,
  options: InboundOptions,
): { take(incoming: Incoming): void } {
  const { capabilities, handlers, heartbeat, urgent } = deps;
  const badFrames = createRollingWindow(options.badFramesPerMinute - 1, MINUTE_MS);
  let isFenceSet = false;

  function take(incoming: Incoming): void {
    if (deps.state() === "over") return;
    if ("breach" in incoming) {
      handlers.badFrame(incoming.breach);
      return deps.end(breachEnd(incoming.breach));
    }
    if ("flaw" in incoming) return flaw(incoming.flaw);
    if ("ok" in incoming && isCarried(incoming.ok.type, capabilities))
      return takeFrame(incoming.ok);
    handlers.badFrame("unknown");
    count();
  }

  function takeFrame(frame: NodeFrame): void {
    if (isFencePassed(frame.type)) deps.open();
    if (!route(frame)) count();
  }

  /**
   * A node says that it resumes right after its node_info, if at all. Where nobody here waits for that, it is asked for a
   * pong then, and whatever comes first decides: nothing is sent to it before it could say so.
   */
  function isFencePassed(type: NodeFrame["type"]): boolean {
    if (deps.state() !== "settling" || deps.isAwaited() || type === "resume") return false;
    if (type !== "node_info") return isFenceSet;
    if (!isFenceSet) heartbeat.pingNow(deps.monotonicMs());
    isFenceSet = true;
    return false;
  }

  /** False: it counts against the node's rate. */
  function route(frame: NodeFrame): boolean {
    switch (frame.type) {
      case "exec_chunk":
      case "exec_result":
      case "read_result":
      case "write_result":
      case "reset_result":
      case "exec_input_ack":
      case "cancel_ack":
      case "error":
        return handlers.call(frame);
      case "rotate_ok":
      case "rotate_err":
        return handlers.rotated(frame);
      case "ping":
        if (count()) urgent({ type: "pong", ts: deps.timestamp(), ...echoOf(frame.ts) });
        return true;
      case "pong":
        heartbeat.pong();
        return false;
      case "node_info":
        deps.learn(frame);
        return false;
      case "resume":
        handlers.resume(frame);
        return false;
      case "bye":
        handlers.goodbye(frame.reason, frame.drain_ms);
        return false;
      case "hello":
      case "auth":
      case "enc":
        flaw({ reason: "not_a_frame", detail: `${frame.type} is out of place here` });
        return true;
      default:
        return handlers.task(frame);
    }
  }

  /** False: it was one too many, and the link is closed. */
  function count(): boolean {
    if (deps.state() === "over") return false;
    const waitMs = handlers.count(deps.monotonicMs());
    if (waitMs === 0) return true;
    urgent({
      type: "rate_limit",
      reason: "rate_limit_exceeded",
      code: CLOSE.rate_limit,
      node_name: deps.node().name,
      limit_per_second: options.messagesPerSecond,
      ...(capabilities.has("lifecycle") && { retry_after_ms: Math.ceil(waitMs) }),
    });
    deps.end(FLOODED);
    return false;
  }

  function flaw({ reason, detail, id }: { reason: string; detail: string; id?: string }): void {
    handlers.badFrame(reason);
    if (!count()) return;
    if (id !== undefined) handlers.flawed(id, detail);
    urgent({
      type: "error",
      code: REASON_CODES.bad_request,
      reason: "bad_request",
      detail: detail.slice(0, NODE_LIMITS.detailChars),
      ...(id !== undefined && { id }),
    });
    if (!badFrames.take(deps.monotonicMs())) deps.end(BAD_FRAMES);
  }

  return { take };
}

function echoOf(ts: string | undefined): { echo_ts?: string } {
  return ts === undefined ? {} : { echo_ts: ts };
}
