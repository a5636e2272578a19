import {
  type Capability,
  isCarried,
  type OutgoingServerFrame,
  RENAMES,
} from "@yardmaster/protocol/node";
import type { Entry } from "../handshake/handshake.types.ts";
import type { NodeInfo } from "../hub.types.ts";
import type { Channel } from "../wire/channel.ts";
import type { NodeSocket } from "../wire/node-socket.ts";
import type { Push } from "../wire/writer.ts";
import { createHeartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { createInbound, type InboundOptions } from "./inbound.ts";
import type { Link, LinkEnd, LinkHandlers, LinkState } from "./link.types.ts";
import { lostEnd, STALE } from "./link-ends.ts";
import { infoOfHello, infoWith } from "./node-info.ts";

export interface LinkDeps {
  readonly socket: NodeSocket;
  readonly channel: Channel;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly timestamp: () => string;
}

/**
 * Whether the operator has allowed what hello_ack had withheld, or asked for other output of a base client. What was
 * taken away needs no other session: it is refused call by call.
 */
function outgrows({ capabilities, agreeUnder }: Entry, node: Entry["node"]): boolean {
  const wanted = agreeUnder(node);
  if (wanted.some((token) => !capabilities.includes(token))) return true;
  const hadChunks = capabilities.includes("exec_chunk");
  return hadChunks && wanted.includes("exec") && !wanted.includes("exec_chunk");
}

export function createLink(
  entry: Entry,
  deps: LinkDeps,
  options: HeartbeatOptions & InboundOptions,
  handlers: LinkHandlers,
): Link {
  const { socket, channel, monotonicMs, timestamp } = deps;
  const capabilities: ReadonlySet<Capability> = new Set(entry.capabilities);
  const has = (token: string): boolean => capabilities.has(token as Capability);
  const isFenced = has("info") && has("resume") && has("lifecycle");
  const sinceMs = deps.now();
  let lastSeenMs = sinceMs;
  let state: LinkState = "settling";
  let openAtMs = Number.POSITIVE_INFINITY;
  let isAwaited = false;
  let { node } = entry;
  // The operator may have changed it since hello.
  let isOutgrown = outgrows(entry, node);
  let info: NodeInfo = infoOfHello(entry.hello);
  let knownName = entry.hello.node_name;
  const heartbeat = createHeartbeat(options, has("lifecycle"), {
    receivedBytes: () => socket.receivedBytes,
    ping: () => urgent({ type: "ping", ts: timestamp() }),
    now: monotonicMs(),
  });
  const inbound = createInbound(
    {
      ...{ capabilities, handlers, heartbeat, monotonicMs, timestamp, urgent, open },
      node: () => node,
      state: () => state,
      isAwaited: () => isAwaited,
      end: close,
      learn(frame) {
        info = infoWith(info, frame);
        tellName();
        handlers.info();
      },
    },
    options,
  );

  /** The one way out: no frame of an extension reaches a session that did not agree on it. */
  function transmit(frame: OutgoingServerFrame, push?: Push): void {
    if (!isCarried(frame.type, capabilities))
      throw new Error(`${frame.type} was not agreed with node ${node.name} (l8k3)`);
    if (state !== "over") channel.send(frame, push);
  }

  function urgent(frame: OutgoingServerFrame): void {
    transmit(frame, { urgent: true });
  }

  /** A node that writes it down comes with its present name from then on. */
  function tellName(): void {
    if (node.name === knownName || !info.features.includes(RENAMES)) return;
    knownName = node.name;
    urgent({ type: "renamed", node_name: node.name });
  }

  function over(how: LinkEnd): void {
    if (state === "over") return;
    state = "over";
    handlers.ended(how);
  }

  function close(how: LinkEnd): void {
    socket.close(how.code);
    over(how);
  }

  function open(): void {
    if (state !== "settling") return;
    state = "open";
    handlers.opened();
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
    isSerial: entry.hello.capabilities?.includes("exec_strict") !== true,
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
    get isOutgrown() {
      return isOutgrown;
    },
    get queuedBytes() {
      return socket.queuedBytes;
    },
    has,
    send: (frame, taken) => transmit(frame, taken && { taken }),
    urgent,
    take: inbound.take,
    renew(changed) {
      node = changed;
      isOutgrown = outgrows(entry, node);
      tellName();
    },
    lost: (code) => over(lostEnd(code)),
    close,
    settle(ms, isResumeAwaited) {
      isAwaited = isResumeAwaited;
      if (isAwaited || isFenced) openAtMs = monotonicMs() + ms;
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
      else if (life === "dead") close(STALE);
    },
  };
}
