import { AppError } from "@yardmaster/protocol";
import type { RouteRequest } from "../http/index.ts";

const LOCAL = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"] as const;

/**
 * Refuses what a browser sends for a page that is not of this server, as MCP wants it. Only browsers send an Origin. A
 * page whose own name leads here (DNS rebinding) is called by that name, which no program of this machine uses.
 * @throws AppError `forbidden`
 */
export function checkOrigin({ headers, raw }: Pick<RouteRequest, "headers" | "raw">): void {
  const { origin, host = "" } = headers;
  if (origin === undefined) return;
  const isOwn = URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  if (isOwn && !(comesFromHere(raw, headers) && !LOCAL.test(host))) return;
  throw new AppError(
    "forbidden",
    `A page of ${origin.slice(0, 200)} may not speak with this server; programs send no Origin`,
    { errors: [{ path: "Origin", message: "is not that of this server" }] },
  );
}

function comesFromHere(raw: RouteRequest["raw"], headers: RouteRequest["headers"]): boolean {
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const address = raw.socket.remoteAddress ?? "";
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
