import {
  createSourceSchema,
  nameSchema,
  parseDuration,
  rotateSourceSchema,
  type Source,
  sourceSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Inbox } from "./inbox.ts";
import type { Sources } from "./sources/sources.ts";

const webhookParams = z.object({ source: nameSchema });
const sourceParams = z.object({ name: nameSchema });
const webhookReplySchema = z
  .looseObject({
    status: z.literal("success"),
    action: z.string().optional().describe("For events of an issue."),
    issue_number: z.number().int().optional(),
    event: z.string().optional().describe("Id of the event; of a duplicate, of the first."),
    type: z.string(),
  })
  .meta({ id: "WebhookReply" });

/** `POST /webhook/{source}`. */
export function webhookRoute({
  receive,
  maxBodyBytes,
}: Pick<Inbox, "receive" | "maxBodyBytes">): Route<{ params: typeof webhookParams }> {
  return {
    method: "POST",
    path: "/webhook/{source}",
    summary: "Takes a signed webhook; answered when it is durable.",
    description:
      "github: HMAC-SHA256 of the raw body in X-Hub-Signature-256. gitea, forgejo: the same, of a form's field `payload` where it is one, in X-Gitea-Signature, X-Forgejo-Signature or X-Hub-Signature-256. generic: Standard Webhooks (webhook-id, webhook-timestamp within 5 minutes, webhook-signature).",
    scope: "open",
    params: webhookParams,
    rawBody: true,
    bodyLimit: { bytes: maxBodyBytes, setting: "YARD_MAX_WEBHOOK_BODY" },
    responses: {
      200: { description: "Durable", schema: webhookReplySchema },
      400: { description: "No JSON object, or (github) no X-GitHub-Event; kept with its problem" },
      401: { description: "Invalid or missing signature, or no secret is set" },
      404: { description: "No such source" },
    },
    async handler({ params, headers, rawBody, traceparent }) {
      let made: string | undefined;
      const onMade = (trace: string): void => {
        made = trace;
      };
      const request = { source: params.source, headers, body: rawBody, traceparent, onMade };
      return { body: await receive(request), traceparent: made };
    },
  };
}

/** `/v1/sources`. */
export function sourceRoutes(sources: Sources): Route[] {
  const create: Route<{ body: typeof createSourceSchema }> = {
    method: "POST",
    path: "/v1/sources",
    summary: "Makes a source. Its secret is sealed and never shown again.",
    scope: "sources:write",
    body: createSourceSchema,
    isBodySecret: true,
    responses: { 201: { description: "The source", schema: sourceSchema } },
    handler: async ({ body, principal }) => {
      const source = await sources.create(body, `token:${principal.name}`);
      return { status: 201, headers: { location: `/v1/sources/${source.name}` }, body: source };
    },
  };

  const list: Route = {
    method: "GET",
    path: "/v1/sources",
    summary: "Lists sources, those of packs included.",
    scope: "sources:read",
    pagedBy: ({ name }: Source) => name,
    responses: {
      200: { description: "A page of sources, by name", schema: z.array(sourceSchema) },
    },
    handler: async () => ({ body: await sources.list() }),
  };

  const get: Route<{ params: typeof sourceParams }> = {
    method: "GET",
    path: "/v1/sources/{name}",
    summary: "Shows a source.",
    scope: "sources:read",
    params: sourceParams,
    responses: { 200: { description: "The source", schema: sourceSchema } },
    handler: async ({ params }) => ({ body: await sources.get(params.name) }),
  };

  const remove: Route<{ params: typeof sourceParams }> = {
    method: "DELETE",
    path: "/v1/sources/{name}",
    summary: "Removes a source. Its deliveries and events stay.",
    scope: "sources:write",
    params: sourceParams,
    responses: { 204: { description: "Gone" } },
    async handler({ params }) {
      await sources.remove(params.name);
      return { status: 204 };
    },
  };

  return [create, list, get, remove, rotateRoute(sources)];
}

function rotateRoute(
  sources: Sources,
): Route<{ params: typeof sourceParams; body: typeof rotateSourceSchema }> {
  return {
    method: "POST",
    path: "/v1/sources/{name}/rotate",
    summary: "Sets a new secret; the one before goes on for a while.",
    description: "At most two secrets are active; each delivery's record says which one matched.",
    scope: "sources:write",
    params: sourceParams,
    body: rotateSourceSchema,
    isBodySecret: true,
    responses: { 200: { description: "The source", schema: sourceSchema } },
    handler: async ({ params, body }) => {
      const graceMs = parseDuration(body.previous_valid_for) ?? 0;
      return { body: await sources.rotate(params.name, body.secret, graceMs) };
    },
  };
}
