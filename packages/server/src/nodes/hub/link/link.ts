import {
  type Capability,
  CLOSE,
  isCarried,
  NODE_LIMITS,
  type NodeFrame,
  type OutgoingServerFrame,
  REASON_CODES,
} from "@yardmaster/protocol/node";
import type { Entry } from "../handshake/handshake.types.ts";
import type { NodeInfo } from "../hub.types.ts";
import type { Channel, Incoming } from "../wire/channel.ts";
import type { NodeSocket } from "../wire/node-socket.ts";
import { createRollingWindow } from "../wire/rolling-window.ts";
import type { Push } from "../wire/writer.ts";
import { createHeartbeat } from "./heartbeat.ts";
import type { Link, LinkEnd, LinkHandlers, LinkState } from "./link.types.ts";
import { BAD_FRAMES, breachEnd, FLOODED, lostEnd, STALE } from "./link-ends.ts";
import { infoOfHello, infoWith } from "./node-info.ts";

export interface LinkDeps {
  readonly socket: NodeSocket;
  readonly channel: Channel;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly timestamp: () => string;
}

export interface LinkOptions {
  readonly staleMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  readonly messagesPerSecond: number;
  readonly badFramesPerMinute: number;
}

const MINUTE_MS = 60_000;

export function createLink(
  entry: Entry,
  deps: LinkDeps,
  options: LinkOptions,
  handlers: LinkHandlers,
): Link {
  const { socket, channel } = deps;
  const capabilities: ReadonlySet<Capability> = new Set(entry.capabilities);
  const has = (token: string): boolean => capabilities.has(token as Capability);
  const isFenced = has("info") && has("resume") && has("lifecycle");
  const badFrames = createRollingWindow(options.badFramesPerMinute - 1, MINUTE_MS);
  const heartbeat = createHeartbeat(options, has("lifecycle"), {
    receivedBytes: () => socket.receivedBytes,
    ping: () => urgent({ type: "ping", ts: deps.timestamp() }),
    now: deps.monotonicMs(),
  });
  const sinceMs = deps.now();
  let lastSeenMs = sinceMs;
  let state: LinkState = "settling";
  let openAtMs = Number.POSITIVE_INFINITY;
  let mayResume = false;
  let isFenceSet = false;
  let { node } = entry;
  let info: NodeInfo = infoOfHello(entry.hello);

  /** The one way out: no frame of an extension reaches a session that did not agree on it (reference C49). */
  function transmit(frame: OutgoingServerFrame, push?: Push): void {
    if (!isCarried(frame.type, capabilities))
      throw new Error(`${frame.type} was not agreed with node ${node.name} (l8k3)`);
    if (state !== "over") channel.send(frame, push);
  }

  const urgent = (frame: OutgoingServerFrame): void => transmit(frame, { urgent: true });

  function end(how: LinkEnd, isOurs: boolean): void {
    if (state === "over") return;
    state = "over";
    if (isOurs) socket.close(how.code);
    handlers.ended(how);
  }

  function open(): void {
    if (state !== "settling") return;
    state = "open";
    handlers.opened();
  }

  function take(incoming: Incoming): void {
    if (state === "over") return;
    if ("breach" in incoming) {
      handlers.badFrame(incoming.breach);
      return end(breachEnd(incoming.breach), true);
    }
    if ("flaw" in incoming) return flaw(incoming.flaw);
    if ("ok" in incoming && isCarried(incoming.ok.type, capabilities))
      return takeFrame(incoming.ok);
    handlers.badFrame("unknown");
    count();
  }

  function takeFrame(frame: NodeFrame): void {
    if (isFencePassed(frame.type)) open();
    if (!route(frame)) count();
  }

  /**
   * A node says that it resumes right after its node_info, if at all. Where nobody here waits for that, it is asked for a
   * pong then, and whatever comes first decides: nothing is sent to it before it could say so (B6).
   */
  function isFencePassed(type: NodeFrame["type"]): boolean {
    if (state !== "settling" || mayResume || type === "resume") return false;
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
        learn(infoWith(info, frame));
        return false;
      case "resume":
        handlers.resume(frame);
        return false;
      case "bye":
        handlers.goodbye(frame.reason, frame.drain_ms ?? Number.NaN);
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

  function learn(known: NodeInfo): void {
    info = known;
    handlers.info();
  }

  /** False: it was one too many, and the link is closed. */
  function count(): boolean {
    const nowMs = deps.monotonicMs();
    if (state === "over") return false;
    const waitMs = handlers.count(nowMs);
    if (waitMs === 0) return true;
    urgent({
      type: "rate_limit",
      reason: "rate_limit_exceeded",
      code: CLOSE.rate_limit,
      node_name: node.name,
      limit_per_second: options.messagesPerSecond,
      ...(has("lifecycle") && { retry_after_ms: Math.ceil(waitMs) }),
    });
    end(FLOODED, true);
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
    if (!badFrames.take(deps.monotonicMs())) end(BAD_FRAMES, true);
  }

  return {
    sessionId: entry.sessionId,
    epoch: entry.epoch,
    capabilities,
    client: entry.client,
    protocolVersion: entry.protocolVersion,
    address: entry.address,
    isTls: entry.isTls,
    isSealed: entry.e2e !== undefined,
    isSerial: !has("exec_strict"),
    sinceMs,
    get state() {
      return state;
    },
    get node() {
      return node;
    },
    get info() {
      return info;
    },
    get lastSeenMs() {
      return lastSeenMs;
    },
    get isSpent() {
      return channel.isSpent;
    },
    get queuedBytes() {
      return socket.queuedBytes;
    },
    has,
    send: (frame, taken) => transmit(frame, taken && { taken }),
    urgent,
    take,
    renew(changed) {
      node = changed;
    },
    lost: (code) => end(lostEnd(code), false),
    close: (how) => end(how, true),
    settle(ms, isAwaited) {
      mayResume = isAwaited;
      if (isAwaited || isFenced) openAtMs = deps.monotonicMs() + ms;
      else open();
    },
    open,
    drain() {
      if (state !== "over") state = "draining";
    },
    check(nowMs) {
      if (state === "over") return;
      if (nowMs >= openAtMs) {
        openAtMs = Number.POSITIVE_INFINITY;
        open();
      }
      const life = heartbeat.check(nowMs);
      if (life === "seen") lastSeenMs = deps.now();
      else if (life === "dead") end(STALE, true);
    },
  };
}

function echoOf(ts: string | undefined): { echo_ts?: string } {
  return ts === undefined ? {} : { echo_ts: ts };
}
