import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** What asks to leave HTTP/1.1, and holds for this connection alone. */
const ASKING = new Set(["connection", "upgrade", "http2-settings"]);

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/**
 * Serves a request that would become another protocol as if it had not said so, which is what RFC 9110 (7.8) leaves a
 * server to do: clients that speak HTTP/2 where they can (Java's, curl's) ask so on each first request. Node's parser
 * has let go of the connection by then; it is given back with the request to be read again, its body included.
 */
export function servePlainly(
  server: Server,
  { request, socket, head }: { request: IncomingMessage; socket: Socket; head: Buffer },
): void {
  const { method, url, httpVersion, headers, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!ASKING.has((rawHeaders[i] ?? "").toLowerCase()))
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  if (/\bclose\b/i.test(headers.connection ?? "")) lines.push("Connection: close");
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("encrypted" in socket ? "secureConnection" : "connection", socket);
}
