import type { Route } from "../http/index.ts";
import { type CallRoutesDeps, callRoutes } from "./calls.routes.ts";
import { type NodeRoutesDeps, registryRoutes, swapRoute } from "./nodes.routes.ts";
import { guarded } from "./transport-guard.ts";

export { deleteOldCallKeys } from "./call-keys.store.ts";
export { deleteOldNodes } from "./registry/nodes.store.ts";
export { deleteOldNodeTokens } from "./registry/tokens.store.ts";

/** `/v1/nodes`, all of it. */
export function nodeRoutes(deps: NodeRoutesDeps & Pick<CallRoutesDeps, "keys">): Route[] {
  const calls = callRoutes({ hub: deps.nodes.hub, keys: deps.keys, relay: deps.relay });
  return [swapRoute(deps), ...guarded(deps.guard, [...registryRoutes(deps), ...calls])];
}
