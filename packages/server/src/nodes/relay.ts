import type { Route, RouteReply, RouteRequest, RouteSchemas } from "../http/index.ts";
import { msOf } from "./call-views.ts";
import type { FindHolder } from "./find-holder.ts";
import { FORWARDED_HEADER, type Forward } from "./forward.ts";

export interface RelayDeps {
  readonly findHolder: FindHolder;
  readonly forward: Forward;
}

interface OfNode extends RouteSchemas {
  readonly params: NonNullable<RouteSchemas["params"]>;
}

/**
 * A route of one node, answered by the process that holds its link. A request that was passed on is answered where it
 * arrives: a node that moved meanwhile is told to be away, and nothing goes in circles.
 */
export function relayed<S extends OfNode>(deps: RelayDeps, route: Route<S>): Route<S> {
  return {
    ...route,
    async handler(request: RouteRequest<S>): Promise<RouteReply> {
      const { name } = request.params as { readonly name: string };
      if (request.headers[FORWARDED_HEADER] === undefined) {
        const options = { waitMs: waitOf(request.body), signal: request.signal };
        const holder = await deps.findHolder(name, options);
        if (holder !== undefined) {
          const { url, requestId, signal, body } = request;
          const headers = route.idempotency === "own" ? request.headers : keyless(request.headers);
          const { method } = route;
          return await deps.forward(name, holder, {
            method,
            url,
            headers,
            requestId,
            signal,
            body,
          });
        }
      }
      return await route.handler(request);
    },
  };
}

/** The key was claimed where the request arrived: the other process would find it held. */
function keyless(headers: RouteRequest["headers"]): RouteRequest["headers"] {
  return { ...headers, "idempotency-key": undefined };
}

function waitOf(body: unknown): number {
  const wait = (body as { readonly wait?: unknown } | undefined)?.wait;
  return typeof wait === "string" ? (msOf(wait) ?? 0) : 0;
}
