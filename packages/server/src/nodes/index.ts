import type { Route } from "../http/index.ts";
import { type CallRoutesDeps, callRoutes } from "./calls.routes.ts";
import { type NodeRoutesDeps, registryRoutes, swapRoute } from "./nodes.routes.ts";
import { guarded } from "./transport-guard.ts";

export { deleteOldCallKeys } from "./call-keys.store.ts";
export type { HubJobs, LeaseOnNode, LinkSession } from "./hub/index.ts";
export { deleteOldNodes } from "./registry/nodes.store.ts";
export { deleteOldNodeTokens } from "./registry/tokens/tokens.store.ts";

export { type NodesFeature, startNodes } from "./start-nodes.ts";

/** `/v1/nodes`, all of it. */
export function nodeRoutes(deps: NodeRoutesDeps & CallRoutesDeps): Route[] {
  return [swapRoute(deps), ...guarded(deps.guard, [...registryRoutes(deps), ...callRoutes(deps)])];
}
