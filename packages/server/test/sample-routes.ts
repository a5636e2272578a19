import { z } from "zod";
import type { Http, Principal, Route } from "../src/http/index.ts";
import { serveRoutes } from "./http.ts";

const PRINCIPAL: Principal = { tokenId: "t", name: "tester", scopes: ["runs:read"] };
export const TOKEN = { authorization: "Bearer good" };
const bodySchema = z.strictObject({
  ref: z.string().min(1),
  kind: z.enum(["push", "pull"]).optional(),
  secret: z.string().min(20).optional(),
  nested: z.array(z.strictObject({ message: z.string() })).optional(),
  input: z.unknown().optional(),
});

const echo: Route<{ body: typeof bodySchema }> = {
  method: "POST",
  path: "/v1/things",
  summary: "Gives the body back.",
  scope: "runs:read",
  body: bodySchema,
  bodyLimit: { bytes: 64 * 1024 },
  responses: { 200: { description: "The body", schema: bodySchema.meta({ id: "Thing" }) } },
  handler: ({ body, principal, traceparent }) => ({
    body: { body, name: principal.name, traceparent: traceparent ?? null },
  }),
};

const params = z.strictObject({ id: z.uuid() });
const query = z.strictObject({ limit: z.coerce.number().int().max(200).default(50) });
const one: Route<{ params: typeof params; query: typeof query }> = {
  method: "GET",
  path: "/v1/things/{id}",
  summary: "Gives the id back.",
  scope: "runs:read",
  params,
  query,
  responses: { 200: { description: "The id" } },
  handler: (request) => ({ body: { ...request.params, ...request.query } }),
};

const raw: Route = {
  method: "POST",
  path: "/webhook/{source}",
  summary: "Counts bytes.",
  scope: "open",
  rawBody: true,
  bodyLimit: { bytes: 1024, setting: "YARD_MAX_WEBHOOK_BODY" },
  responses: { 200: { description: "How many" } },
  handler: ({ rawBody }) => ({ body: { bytes: rawBody.toString("hex") } }),
};

/** A route whose handler rejects. */
export function throwing(path: string, thrown: unknown): Route {
  return {
    method: "GET",
    path,
    summary: "Throws.",
    scope: "open",
    responses: { 200: { description: "Never" } },
    handler: () => Promise.reject(thrown as Error),
  };
}

/** A server with sample routes (and more) for tests of what surrounds handlers. */
export function serveSamples(more: readonly Route[] = []) {
  return serveRoutes([echo, one, raw, ...more], {
    authenticate: (header) => {
      if (header === "Bearer good") return PRINCIPAL;
      return header === "Bearer other" ? Promise.resolve({ ...PRINCIPAL, scopes: [] }) : undefined;
    },
  });
}

export const post = (http: Http, payload: string | Buffer, headers: Record<string, string> = {}) =>
  http.inject({
    method: "POST",
    url: "/v1/things",
    headers: { ...TOKEN, "content-type": "application/json", ...headers },
    payload,
  });
