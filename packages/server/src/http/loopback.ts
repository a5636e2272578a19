import type { IncomingMessage } from "node:http";

/** Headers by which a proxy says that it asks for somebody else. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"] as const;

/** What a request of this machine calls it. A page in its browser whose name leads here (DNS rebinding) is called by that name. */
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether a request comes from this machine itself, and not through a proxy on it, nor from a page of somebody else's. */
export function isFromLoopback(request: IncomingMessage): boolean {
  return isSentFromLoopback(request) && hasLocalHost(request);
}

/** Whether it was sent from this machine, and not through a proxy on it: by a program, or by a page in a browser. */
export function isSentFromLoopback({ socket, headers }: IncomingMessage): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const address = socket.remoteAddress ?? "";
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

/** Whether it calls this server by a name of this machine, or by none. */
export function hasLocalHost({ headers: { host } }: IncomingMessage): boolean {
  return host === undefined || LOCAL_HOST.test(host);
}
