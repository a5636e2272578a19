import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import { NODES_URL_PATH } from "@yardmaster/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import type { Gate } from "./gate.ts";
import type { Origin } from "./origin.ts";

export interface UpgradeDeps {
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly gate: Gate;
  readonly monotonicMs: () => number;
  /** `loopback`: TLS is needed elsewhere. */
  readonly plain: "loopback" | "anywhere";
  /** The largest message of a node that is logged in. */
  readonly inboundBytes: number;
  readonly isClosing: () => boolean;
  readonly onRefused: (why: string) => void;
  /** It has come through the gate, which it must leave. */
  readonly onSocket: (ws: WebSocket, raw: Socket, origin: Origin) => void;
}

export interface Upgrades {
  /** By default nothing but `/ws/nodes` is served. */
  attach(server: HttpServer | HttpsServer, isServedElsewhere?: (pathname: string) => boolean): void;
  /** No listener brings sockets any more. */
  detach(): void;
}

/** Turns requests to `/ws/nodes` into sockets. Nothing is required of them but HTTP/1.1 and, off loopback, TLS. */
export function createUpgrades(deps: UpgradeDeps): Upgrades {
  const servers = new Map<HttpServer | HttpsServer, () => void>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: deps.inboundBytes,
  });

  function upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (deps.isClosing()) return refuse(socket, 503, "stopping", "The server is stopping", 5_000);
    const origin = deps.originOf(request);
    if (!origin.isTls && !origin.allowsPlain && deps.plain === "loopback") {
      const detail = "Nodes connect by wss://; without TLS from this machine alone";
      return refuse(socket, 403, "insecure_transport", detail);
    }
    const waitMs = deps.gate.enter(origin.address, deps.monotonicMs());
    if (waitMs > 0)
      return refuse(socket, 429, "too_many", "Too many sockets or failed logins", waitMs);
    let isOpen = false;
    // A request that is no proper upgrade is answered by ws, and ends the socket.
    socket.once("close", () => {
      if (!isOpen) deps.gate.leave(origin.address);
    });
    sockets.handleUpgrade(request, socket, head, (ws) => {
      isOpen = true;
      deps.onSocket(ws, socket, origin);
    });
  }

  function refuse(
    socket: Socket,
    status: number,
    why: string,
    detail: string,
    retryMs?: number,
  ): void {
    deps.onRefused(why);
    const retry =
      retryMs === undefined ? "" : `Retry-After: ${Math.max(1, Math.ceil(retryMs / 1_000))}\r\n`;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${retry}` +
        `Content-Type: text/plain\r\nContent-Length: ${detail.length}\r\n\r\n${detail}`,
    );
    socket.destroySoon();
  }

  return {
    attach(server, isServedElsewhere = () => false) {
      const onUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
        // Of what asks for another protocol, no node is one: the server answers it without.
        if (request.headers.upgrade?.toLowerCase() !== "websocket") return;
        const path = pathOf(request);
        if (path === NODES_URL_PATH) upgrade(request, socket, head);
        // Nobody else would ever answer.
        else if (!isServedElsewhere(path))
          refuse(socket, 404, "no_such_path", "No WebSocket is served at this path");
      };
      server.on("upgrade", onUpgrade);
      servers.set(server, () => server.off("upgrade", onUpgrade));
    },
    detach() {
      for (const stop of servers.values()) stop();
      servers.clear();
    },
  };
}

function pathOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?", 1);
  return path;
}
