import {
  changeSecretSchema,
  putSecretSchema,
  type Secret,
  secretNameSchema,
  secretSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Secrets } from "./secrets.ts";

const params = z.strictObject({ name: secretNameSchema });
type OneSecret = { params: typeof params };

const NEVER_SHOWN = "No route gives a value back: there is none.";

/** `/v1/secrets`. */
export function secretRoutes(secrets: Secrets): Route[] {
  const list: Route = {
    method: "GET",
    path: "/v1/secrets",
    summary: "Lists secrets with what uses them; never their values.",
    description: NEVER_SHOWN,
    scope: "secrets:read",
    pagedBy: ({ name }: Secret) => name,
    responses: {
      200: { description: "A page of secrets, by name", schema: z.array(secretSchema) },
    },
    handler: async () => ({ body: await secrets.list() }),
  };

  const get: Route<OneSecret> = {
    method: "GET",
    path: "/v1/secrets/{name}",
    summary: "Shows a secret: what uses it, and who set it when; never its value.",
    description: NEVER_SHOWN,
    scope: "secrets:read",
    params,
    responses: { 200: { description: "The secret", schema: secretSchema } },
    handler: async ({ params: { name } }) => ({ body: await secrets.get(name) }),
  };

  const put: Route<OneSecret & { body: typeof putSecretSchema }> = {
    method: "PUT",
    path: "/v1/secrets/{name}",
    summary: "Sets a secret. Its value is sealed and never shown again.",
    description: `A \`description\` and \`packs\` that are left out stay as they are, so that a new value gives it to nobody else. Attempts that begin afterwards have the new value. ${NEVER_SHOWN}`,
    scope: "secrets:write",
    params,
    body: putSecretSchema,
    isBodySecret: true,
    responses: {
      200: { description: "The secret, which was there before", schema: secretSchema },
      201: { description: "The secret, which is new", schema: secretSchema },
    },
    async handler({ params: { name }, body, principal }) {
      const { secret, created } = await secrets.put(name, body, `token:${principal.name}`);
      if (!created) return { body: secret };
      return { status: 201, headers: { location: `/v1/secrets/${name}` }, body: secret };
    },
  };

  const change: Route<OneSecret & { body: typeof changeSecretSchema }> = {
    method: "PATCH",
    path: "/v1/secrets/{name}",
    summary: "Changes what is said of a secret and which packs may use it; its value stays.",
    scope: "secrets:write",
    params,
    body: changeSecretSchema,
    isBodySecret: true,
    responses: { 200: { description: "The secret", schema: secretSchema } },
    handler: async ({ params: { name }, body, principal }) => ({
      body: await secrets.change(name, body, `token:${principal.name}`),
    }),
  };

  const remove: Route<OneSecret> = {
    method: "DELETE",
    path: "/v1/secrets/{name}",
    summary: "Removes a secret. What still names it fails from then on.",
    scope: "secrets:write",
    params,
    responses: { 204: { description: "Gone" } },
    async handler({ params: { name }, principal }) {
      await secrets.remove(name, `token:${principal.name}`);
      return { status: 204 };
    },
  };

  return [list, get, put, change, remove];
}
