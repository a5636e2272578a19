import {
  changedNodeSchema,
  changeNodeSchema,
  isUuid,
  listNodesSchema,
  type NodeSession,
  nodeSchema,
  nodeSessionSchema,
  pairedNodeSchema,
  pairNodeSchema,
  revokeNodeSchema,
  rotatedNodeSchema,
  rotateNodeSchema,
  swapPairingTokenSchema,
  swappedTokenSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { invalidCursor, pageOf, pageReply } from "../paging/index.ts";
import type { Nodes } from "./nodes.ts";
import { type RelayDeps, relayed } from "./relay.ts";
import type { TransportGuard } from "./transport-guard.ts";

/** The name of a node, or its id. */
export const nodeParams = z.strictObject({ name: z.string().min(1).max(100) });
type OneNode = { params: typeof nodeParams };

const SHOWN_ONCE = { "cache-control": "no-store" };
const GONE = "No such node";

export interface NodeRoutesDeps {
  readonly nodes: Nodes;
  readonly relay: RelayDeps;
  readonly guard: TransportGuard;
}

/** `/v1/nodes`, but for calls and for `POST /v1/nodes/pair`. */
export function registryRoutes({ nodes, relay }: NodeRoutesDeps): Route[] {
  const pair: Route<{ body: typeof pairNodeSchema }> = {
    method: "POST",
    path: "/v1/nodes",
    summary: "Pairs a machine. The token is shown in this answer and never again.",
    description:
      "A node of ours is given a pairing token, which it swaps once for its lasting one at POST /v1/nodes/pair. A base client is given a lasting token at once.",
    scope: "nodes:write",
    idempotency: "shown_once",
    body: pairNodeSchema,
    responses: {
      201: { description: "The node and its token", schema: pairedNodeSchema },
      409: { description: "A live node has the name" },
    },
    handler: async ({ body, principal }) => {
      const paired = await nodes.pair(body, `token:${principal.name}`);
      const location = `/v1/nodes/${encodeURIComponent(paired.node.name)}`;
      return { status: 201, headers: { ...SHOWN_ONCE, location }, body: paired };
    },
  };

  const get: Route<OneNode> = {
    method: "GET",
    path: "/v1/nodes/{name}",
    summary: "Shows a node: its status and why, what it may, and what it said of itself.",
    scope: "nodes:read",
    params: nodeParams,
    responses: { 200: { description: "The node", schema: nodeSchema }, 404: { description: GONE } },
    handler: async ({ params: { name } }) => ({ body: await nodes.get(name) }),
  };

  const change: Route<OneNode & { body: typeof changeNodeSchema }> = {
    method: "PATCH",
    path: "/v1/nodes/{name}",
    summary: "Changes a node's name, labels, grants or settings; its link is told.",
    scope: "nodes:write",
    params: nodeParams,
    body: changeNodeSchema,
    responses: {
      200: { description: "The node", schema: changedNodeSchema },
      404: { description: GONE },
      409: { description: "The name is taken, or the token is not kept sealed" },
    },
    handler: async ({ params: { name }, body, principal }) => ({
      body: await nodes.change(name, body, `token:${principal.name}`),
    }),
  };

  const rotate: Route<OneNode & { body: typeof rotateNodeSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/rotate",
    summary: "Gives a node a new token; the old one is valid until the first login with the new.",
    description:
      "A connected node that can take it is sent its token over the link, and nothing is shown. Else a new pairing token, or a lasting one for a base client, is in this answer and never again.",
    scope: "nodes:write",
    idempotency: "shown_once",
    params: nodeParams,
    body: rotateNodeSchema,
    responses: {
      200: { description: "What became of it", schema: rotatedNodeSchema },
      404: { description: GONE },
      409: { description: "The node did not take it" },
    },
    handler: async ({ params: { name }, body, principal }) => ({
      headers: SHOWN_ONCE,
      body: await nodes.rotate(name, body, `token:${principal.name}`),
    }),
  };

  const revoke: Route<OneNode & { body: typeof revokeNodeSchema }> = {
    method: "POST",
    path: "/v1/nodes/{name}/revoke",
    summary:
      "Revokes a node: its token is void, its link is closed within a second, its calls fail.",
    scope: "nodes:write",
    idempotency: "repeatable",
    params: nodeParams,
    body: revokeNodeSchema,
    responses: { 200: { description: "The node", schema: nodeSchema }, 404: { description: GONE } },
    handler: async ({ params: { name }, body: { reason }, principal }) => ({
      body: await nodes.revoke(name, { actor: `token:${principal.name}`, reason }),
    }),
  };

  const sessions: Route<OneNode> = {
    method: "GET",
    path: "/v1/nodes/{name}/sessions",
    summary: "Lists the shell sessions of a connected node, by name.",
    scope: "nodes:read",
    params: nodeParams,
    pagedBy: ({ session }: NodeSession) => session,
    responses: {
      200: { description: "A page of sessions", schema: z.array(nodeSessionSchema) },
      409: { description: "It is not connected, or revoked" },
    },
    handler: async ({ params: { name } }) => ({ body: await nodes.sessions(name) }),
  };

  return [pair, list(nodes), get, change, relayed(relay, rotate), revoke, relayed(relay, sessions)];
}

function list(nodes: Nodes): Route<{ query: typeof listNodesSchema }> {
  return {
    method: "GET",
    path: "/v1/nodes",
    summary: "Lists nodes by name, revoked ones included, with their status and since when.",
    scope: "nodes:read",
    query: listNodesSchema,
    responses: { 200: { description: "A page of nodes", schema: z.array(nodeSchema) } },
    async handler({ query: { limit, cursor, status, label }, url }) {
      const after = cursor === undefined ? undefined : placeOf(cursor);
      const filter = { statuses: status, labels: label ?? [], after };
      const found = await nodes.list({ ...filter, limit: limit + 1 });
      return pageReply(
        pageOf(found, limit, ({ id, name }) => `${id} ${name}`),
        url,
      );
    },
  };
}

function placeOf(cursor: string): { readonly id: string; readonly name: string } {
  const [id = "", ...name] = cursor.split(" ");
  if (isUuid(id)) return { id, name: name.join(" ") };
  return invalidCursor();
}

/** `POST /v1/nodes/pair`, which the machine itself asks; the listener of nodes serves it too. */
export function swapRoute({ nodes, guard }: NodeRoutesDeps): Route {
  const swap: Route<{ body: typeof swapPairingTokenSchema }> = {
    method: "POST",
    path: "/v1/nodes/pair",
    summary: "Swaps a pairing token for the node's lasting one, once; asked by the machine itself.",
    description:
      "The pairing token is the credential. Tokens that are not valid are counted by address.",
    scope: "open",
    body: swapPairingTokenSchema,
    isBodySecret: true,
    bodyLimit: { bytes: 64 * 1024 },
    responses: {
      200: { description: "The lasting token, shown once", schema: swappedTokenSchema },
      401: { description: "The token is unknown, used, expired or for another name" },
      403: { description: "It came without TLS from another machine" },
      429: { description: "Too many of this address were not valid" },
    },
    handler: async ({ body, raw }) => ({
      headers: SHOWN_ONCE,
      body: await nodes.swap(body, guard(raw).address),
    }),
  };
  return swap;
}
