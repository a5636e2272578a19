import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { pathnameOf } from "../answered.ts";
import { asksForWebSocket, servePlainly } from "./other-protocols.ts";
import { answeredProtocol } from "./socket-token.ts";

/** Of what a client may send: nobody reads it. */
const INBOUND_BYTES = 1_024;

interface Waiting {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly response: ServerResponse;
}

/**
 * Requests that want to become WebSockets. They go through the routes as all others do, so that a token, a scope, a
 * query are refused alike; the route takes the socket in the end.
 */
export interface Upgrades {
  serves(pathname: string): boolean;
  isUpgrade(request: IncomingMessage): boolean;
  /** Undefined where it is no proper upgrade, or has gone meanwhile: it is answered, and closed. */
  accept(request: IncomingMessage): Promise<WebSocket | undefined>;
}

export function createUpgrades(app: FastifyInstance, paths: ReadonlySet<string>): Upgrades {
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: INBOUND_BYTES,
    handleProtocols: answeredProtocol,
  });

  function onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (!asksForWebSocket(request)) {
      servePlainly(app.server, { request, socket, head });
      return;
    }
    const isOurs = paths.has(pathnameOf(request.url ?? ""));
    // Others may serve theirs; without others nobody would ever answer.
    if (!isOurs && app.server.listenerCount("upgrade") > 1) return;
    socket.on("error", () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.destroySoon());
    if (!isOurs) {
      response.writeHead(404).end();
      return;
    }
    waiting.set(request, { socket, head, response });
    app.routing(request, response);
  }

  app.server.on("upgrade", onUpgrade);

  return {
    serves: (pathname) => paths.has(pathname),
    isUpgrade: (request) => waiting.has(request),
    async accept(request) {
      const found = waiting.get(request);
      if (found === undefined || found.socket.destroyed) return undefined;
      const { socket, head, response } = found;
      response.detachSocket(socket);
      return await new Promise((resolve) => {
        socket.once("close", () => resolve(undefined));
        sockets.handleUpgrade(request, socket, head, (accepted) => {
          // What is wrong with what a client sends is told to it by its close.
          accepted.on("error", () => undefined);
          resolve(accepted);
        });
      });
    },
  };
}
