import type { Socket } from "node:net";
import { CLOSE } from "@yardmaster/protocol/node";
import type { WebSocket } from "ws";
import type { HubMetrics } from "../hub-deps.types.ts";
import type { Link } from "../link/link.types.ts";
import { type Channel, createChannel } from "../wire/channel.ts";
import type { Gate } from "../wire/gate.ts";
import { createNodeSocket, type NodeSocket, type NodeSocketTimes } from "../wire/node-socket.ts";
import type { Origin } from "../wire/origin.ts";
import { createHandshake } from "./handshake.ts";
import type { Entry, Handshake, HandshakeDeps } from "./handshake.types.ts";

export interface DoorDeps extends HandshakeDeps {
  readonly gate: Gate;
  readonly times: NodeSocketTimes;
  readonly metrics: HubMetrics | undefined;
  readonly onFault: (error: unknown, what: string) => void;
  readonly onRefused: (refused: RefusedLogin) => void;
  /** Registers the link and sends auth_ok, in one step; undefined: a newer session is there already. */
  readonly admit: (entry: Entry, socket: NodeSocket, channel: Channel) => Link | undefined;
}

/** As the log has it. */
export interface RefusedLogin {
  readonly address: string;
  readonly reason: string;
  /** Undefined where it did not come so far. */
  readonly said_name: string | undefined;
}

/** Where sockets become links: every socket of the hub is known here until it is gone. */
export interface Door {
  open(ws: WebSocket, raw: Socket, origin: Origin): void;
  check(nowMs: number): void;
  /** A login under way whose session was ended before it began. */
  voidWhere(test: (handshake: Handshake) => boolean, why: "revoked" | "superseded"): void;
  /** Those that are not logged in are sent away. */
  closeStrangers(code: number): void;
  /** Resolves when no socket is left. */
  emptied(): Promise<void>;
}

interface Visitor {
  readonly socket: NodeSocket;
  readonly handshake: Handshake;
  link: Link | undefined;
}

/**
 * These say nothing of tokens and shapes: no reason to keep an address out. `hung_up_greeted` is not among them: what is
 * granted to a name was asked for, and no token shown. A link that breaks just there, each time, is no reason to let
 * that be asked for all names: its node comes back so slowly that it stays far below the limit.
 */
const NO_FAILURES: ReadonlySet<string> = new Set(["server_fault", "hung_up", "superseded"]);

export function createDoor(deps: DoorDeps): Door {
  const visitors = new Set<Visitor>();
  let onEmpty: (() => void) | undefined;

  function open(ws: WebSocket, raw: Socket, { address, isTls }: Origin): void {
    let isAtGate = true;
    const leaveGate = (): void => {
      if (isAtGate) deps.gate.leave(address);
      isAtGate = false;
    };
    const socket = createNodeSocket({ ws, raw }, deps, {
      message(bytes, isBinary) {
        const incoming = channel.read(bytes, isBinary);
        if (visitor.link !== undefined) visitor.link.take(incoming);
        else visitor.handshake.take(incoming);
      },
      lost(code) {
        if (visitor.link !== undefined) visitor.link.lost(code);
        else visitor.handshake.end();
      },
      gone() {
        leaveGate();
        visitors.delete(visitor);
        if (visitors.size === 0) onEmpty?.();
      },
    });
    const channel = createChannel(socket, deps.timestamp);
    const handshake = createHandshake(deps, {
      address,
      isTls,
      send: (frame) => channel.send(frame, { urgent: true }),
      close: (code) => socket.close(code),
      admit(entry) {
        leaveGate();
        visitor.link = deps.admit(entry, socket, channel);
        if (visitor.link === undefined) socket.close(CLOSE.superseded);
        deps.metrics?.handshake(visitor.link === undefined ? "superseded" : "admitted");
      },
      refused(reason, saidName) {
        leaveGate();
        if (!NO_FAILURES.has(reason)) deps.gate.failed(address, deps.monotonicMs());
        deps.metrics?.handshake(reason);
        deps.onRefused({ address, reason, said_name: saidName });
      },
      fault: (error) => deps.onFault(error, "a login could not be judged"),
    });
    const visitor: Visitor = { socket, handshake, link: undefined };
    visitors.add(visitor);
  }

  return {
    open,
    check(nowMs) {
      for (const { socket, handshake, link } of visitors) {
        socket.check(nowMs);
        if (link === undefined) handshake.check(nowMs);
        else link.check(nowMs);
      }
    },
    voidWhere(test, why) {
      for (const { handshake, link } of visitors)
        if (link === undefined && test(handshake)) handshake.void(why);
    },
    closeStrangers(code) {
      for (const { socket, handshake, link } of visitors) {
        if (link !== undefined) continue;
        handshake.end();
        socket.close(code);
      }
    },
    emptied() {
      if (visitors.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onEmpty = resolve;
      });
    },
  };
}
