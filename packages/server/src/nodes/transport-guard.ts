import type { IncomingMessage } from "node:http";
import { AppError } from "@yardmaster/protocol";
import type { Route, RouteRequest } from "../http/index.ts";
import type { Origin } from "./hub/wire/origin.ts";

export type OriginOf = (request: IncomingMessage) => Origin;

/** Refuses a request about nodes that came from another machine without TLS. @throws AppError `insecure_transport` */
export type TransportGuard = (request: IncomingMessage) => Origin;

export function createTransportGuard(
  originOf: OriginOf,
  { isInsecureAllowed }: { readonly isInsecureAllowed: boolean },
): TransportGuard {
  return (request) => {
    const origin = originOf(request);
    if (origin.isTls || origin.allowsPlain || isInsecureAllowed) return origin;
    throw new AppError(
      "insecure_transport",
      "Nodes are paired and driven over TLS alone, but from the server's own machine. Set YARD_TLS_CERT and YARD_TLS_KEY; or, behind a proxy that ends TLS, YARD_TRUST_PROXY; or YARD_INSECURE=1 where the network itself is trusted.",
    );
  };
}

/** The routes, each behind the guard. */
export function guarded(guard: TransportGuard, routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handler(request: RouteRequest) {
      guard(request.raw);
      return route.handler(request);
    },
  }));
}
