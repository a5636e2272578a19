import type { IncomingMessage } from "node:http";

/** Headers by which a proxy says that it asks for somebody else. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"] as const;

/** What a request of this machine calls it. A page in its browser whose name leads here (DNS rebinding) is called by that name. */
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Whether a request comes from this machine itself, and not through a proxy on it, nor from a page of somebody else's. */
export function isFromLoopback({ socket, headers }: IncomingMessage): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  if (headers.host !== undefined && !LOCAL_HOST.test(headers.host)) return false;
  const address = socket.remoteAddress ?? "";
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
