import {
  createdTokenSchema,
  createTokenSchema,
  idSchema,
  pageFields,
  tokenSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { idCursor, pageOf, pageReply } from "../paging/index.ts";
import type { Auth } from "./auth.ts";

const params = z.strictObject({ id: idSchema });
const page = z.strictObject(pageFields);

export function tokenRoutes(auth: Auth): Route[] {
  const create: Route<{ body: typeof createTokenSchema }> = {
    method: "POST",
    path: "/v1/tokens",
    summary: "Makes a token. Its text is shown in this answer and never again.",
    scope: "admin",
    idempotency: "shown_once",
    body: createTokenSchema,
    responses: { 201: { description: "The token", schema: createdTokenSchema } },
    handler: async ({ body, principal }) => ({
      status: 201,
      headers: { "cache-control": "no-store" },
      body: await auth.create(body, `token:${principal.name}`),
    }),
  };

  const list: Route<{ query: typeof page }> = {
    method: "GET",
    path: "/v1/tokens",
    summary: "The tokens that were not revoked, newest first, without their text.",
    scope: "admin",
    query: page,
    responses: { 200: { description: "A page of tokens", schema: z.array(tokenSchema) } },
    async handler({ query: { limit, cursor }, url }) {
      const found = await auth.list({ limit: limit + 1, before: idCursor(cursor) });
      return pageReply(
        pageOf(found, limit, ({ id }) => id),
        url,
      );
    },
  };

  const revoke: Route<{ params: typeof params }> = {
    method: "DELETE",
    path: "/v1/tokens/{id}",
    summary: "Revokes a token, at once in every process.",
    scope: "admin",
    params,
    responses: { 204: { description: "It is not valid any more" } },
    async handler({ params: { id } }) {
      await auth.revoke(id);
      return {};
    },
  };

  return [create, list, revoke];
}
