import type { IncomingMessage } from "node:http";

/** Headers by which a proxy says that it asks for somebody else. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"] as const;

/** Whether a request comes from this machine itself, and not through a proxy on it. */
export function isFromLoopback({ socket, headers }: IncomingMessage): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const address = socket.remoteAddress ?? "";
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
