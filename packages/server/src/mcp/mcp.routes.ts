import { type AppError, isAppError } from "@yardmaster/protocol";
import type { Route, RouteReply, RouteRequest } from "../http/index.ts";
import { ownTurn, parseJsonBody } from "../json/index.ts";
import { createApiCall, type Inject } from "./api-call.ts";
import { listChanges } from "./list-changes.ts";
import type { OpenCalls } from "./open-calls.ts";
import { checkOrigin } from "./origin.ts";
import type { McpServing } from "./serve-mcp.ts";

const PATH = "/mcp";
const SESSION = "mcp-session-id";

export interface McpRoutesDeps {
  readonly openCalls: OpenCalls;
  readonly inject: Inject;
  /** Loaded when it is first asked for: a server that nobody asks so starts without it. */
  readonly serving: () => Promise<McpServing>;
  readonly newId: () => string;
  /** Calls back when the list of tools may be another one; gives the way out. */
  readonly onToolsChanged: (listener: () => void) => () => void;
}

/** `/mcp`: the API as tools of the Model Context Protocol, over its Streamable HTTP transport. */
export function createMcpRoutes(deps: McpRoutesDeps): Route[] {
  return [postRoute(deps), getRoute(deps), deleteRoute()];
}

function postRoute({ serving, inject, openCalls, newId }: McpRoutesDeps): Route {
  return {
    method: "POST",
    path: PATH,
    summary: "The API as tools, by the Model Context Protocol (Streamable HTTP).",
    description: `A JSON-RPC 2.0 message of MCP: 2026-07-28, and by \`initialize\` 2025-11-25, 2025-06-18, 2025-03-26 and 2024-11-05. Each tool asks this API as the token may: one that its scopes do not allow is not listed, and what the API refuses is a tool result with isError, its code and its way out.

Nothing is kept between two requests, so a restart of the server ends no session. Answers are JSON, or server-sent events where the client asks to be told of progress.`,
    scope: "any",
    idempotency: "harmless",
    requestHeaders: {
      "idempotency-key":
        "of the call that the message has: the same call again within 24 hours is not carried out again",
    },
    rawBody: true,
    responses: {
      200: { description: "A JSON-RPC answer" },
      202: { description: "Taken; nothing is answered" },
    },
    async handler(request) {
      checkOrigin(request);
      await ownTurn(request.rawBody.length);
      const message = messageIn(request.rawBody);
      if ("refused" in message) return message.refused;
      const caller = callerOf(request);
      cancelled(message.value, (id) => openCalls.cancel(caller, id));
      const response = await (await serving()).serve({
        method: "POST",
        headers: headersOf(request),
        message: message.value,
        principal: request.principal,
        // One key is for one call.
        key: Array.isArray(message.value) ? undefined : keyOf(request),
        api: createApiCall(inject, passedOn(request)),
        signal: request.signal,
        caller,
      });
      return replyOf(response, isInitialize(message.value) ? newId() : undefined);
    },
  };
}

/** Where clients of the revisions before 2026-07-28 are told of changes; later ones ask for it by a POST. */
function getRoute({ onToolsChanged }: McpRoutesDeps): Route {
  return {
    method: "GET",
    path: PATH,
    summary: "What the server says by itself: that the list of tools has changed.",
    scope: "any",
    responses: {
      200: {
        description: "Messages of MCP as server-sent events",
        contentType: "text/event-stream",
      },
    },
    handler(request) {
      checkOrigin(request);
      const chunks = (signal: AbortSignal) => listChanges(onToolsChanged, signal);
      return { stream: { contentType: "text/event-stream", chunks } };
    },
  };
}

function deleteRoute(): Route {
  return {
    method: "DELETE",
    path: PATH,
    summary: "Ends a session, of which nothing is kept.",
    scope: "any",
    responses: { 204: { description: "It is over" } },
    handler(request) {
      checkOrigin(request);
      return { status: 204 };
    },
  };
}

/** The session tells the clients of one token apart, and nothing else: whatever it says is taken. */
function callerOf({ principal, headers }: RouteRequest): string {
  return `${principal.tokenId} ${String(headers[SESSION] ?? "")}`;
}

/** Looked at by what the tool asks, if that takes one. */
function keyOf({ headers }: RouteRequest): string | undefined {
  const key = headers["idempotency-key"];
  return typeof key === "string" ? key : undefined;
}

/** What a request to the API has of the one that it is made for: by its trace, loops of events are cut. */
function passedOn({ headers, requestId, traceparent }: RouteRequest): Record<string, string> {
  const { tracestate } = headers;
  return {
    ...(typeof tracestate === "string" && { tracestate }),
    ...(headers.authorization !== undefined && { authorization: headers.authorization }),
    ...(traceparent !== undefined && { traceparent }),
    "x-request-id": requestId,
  };
}

/** The protocol's, and nothing of what opens doors. */
const OF_PROTOCOL = /^(accept|content-type|last-event-id|mcp-[a-z-]+)$/;

function headersOf({ headers }: RouteRequest): Headers {
  const passed = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (typeof value === "string" && OF_PROTOCOL.test(name)) passed.set(name, value);
  return passed;
}

function messageIn(body: Buffer): { readonly value: unknown } | { readonly refused: RouteReply } {
  try {
    return { value: parseJsonBody(body) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { refused: { status: 400, body: jsonRpcError(-32_700, error.message) } };
  }
}

function jsonRpcError(code: number, message: AppError["message"]): object {
  return { jsonrpc: "2.0", error: { code, message }, id: null };
}

function isInitialize(message: unknown): boolean {
  return (message as { readonly method?: unknown } | null)?.method === "initialize";
}

function cancelled(message: unknown, cancel: (id: string | number) => void): void {
  const { method, params } = (message ?? {}) as {
    readonly method?: unknown;
    readonly params?: { readonly requestId?: unknown };
  };
  const id = params?.requestId;
  if (method !== "notifications/cancelled") return;
  if (typeof id === "string" || typeof id === "number") cancel(id);
}

async function replyOf(response: Response, session: string | undefined): Promise<RouteReply> {
  const { status, body } = response;
  const contentType = response.headers.get("content-type");
  const allow = response.headers.get("allow");
  const headers = {
    ...(contentType !== null && { "content-type": contentType }),
    ...(allow !== null && { allow }),
    ...(session !== undefined && response.ok && { [SESSION]: session }),
  };
  if (body === null) return { status, headers };
  if (contentType?.startsWith("text/event-stream") !== true)
    return { status, headers, text: await response.text() };
  return {
    status,
    headers,
    stream: { contentType, chunks: () => body as AsyncIterable<Uint8Array> },
  };
}
