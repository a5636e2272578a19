import { AppError } from "@yardmaster/protocol";
import { hasLocalHost, isSentFromLoopback, type RouteRequest } from "../http/index.ts";

/**
 * Refuses what a browser sends for a page that is not of this server, as MCP wants it. Only browsers send an Origin. A
 * page whose own name leads here (DNS rebinding) is called by that name, which no program of this machine uses.
 * @throws AppError `forbidden`
 */
export function checkOrigin({ headers, raw }: Pick<RouteRequest, "headers" | "raw">): void {
  const { origin, host = "" } = headers;
  if (origin === undefined) return;
  const isOwn = URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  if (isOwn && (hasLocalHost(raw) || !isSentFromLoopback(raw))) return;
  throw new AppError(
    "forbidden",
    `A page of ${origin.slice(0, 200)} may not speak with this server; programs send no Origin`,
    { errors: [{ path: "Origin", message: "is not that of this server" }] },
  );
}
