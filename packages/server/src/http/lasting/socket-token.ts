import type { IncomingHttpHeaders } from "node:http";
import type { Route } from "../route.ts";

const TOKEN_PREFIX = "bearer.";

/**
 * The `Authorization` of a request. The WebSocket of a browser cannot send that header: there the token may be one of
 * the subprotocols that it offers, `bearer.<token>`. A second one is no token, nor is one beside the header.
 */
export function authorizationOf(
  { isSocket }: Pick<Route, "isSocket">,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (isSocket !== true || headers.authorization !== undefined) return headers.authorization;
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  const [token, ...more] = offered.filter((each) => each.startsWith(TOKEN_PREFIX));
  if (token === undefined || more.length > 0) return undefined;
  return `Bearer ${token.slice(TOKEN_PREFIX.length)}`;
}

/** Of what a client offers, what it is answered: the first that is no token, since answers are shown and logged. */
export function answeredProtocol(offered: ReadonlySet<string>): string | false {
  return [...offered].find((each) => !each.startsWith(TOKEN_PREFIX)) ?? false;
}
