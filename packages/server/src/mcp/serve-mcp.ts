import {
  createMcpHandler,
  isLegacyRequest,
  type McpRequestContext,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { AppError, isAppError, type JsonObject } from "@yardmaster/protocol";
import type { Principal } from "../http/index.ts";
import { errorResultOf, resultOf, type ToolResult } from "./answer/tool-result.ts";
import type { ApiCall } from "./api-call.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import type { OpenCalls } from "./open-calls.ts";
import type { Toolbox } from "./toolbox.ts";
import type { Progress, Tool } from "./tools/tool.ts";

/** One request to `/mcp` from whoever holds a token. */
export interface McpRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Headers;
  /** Of a POST. */
  readonly message: unknown;
  readonly principal: Principal;
  readonly api: ApiCall;
  readonly key: string | undefined;
  /** Aborts when nobody waits for the answer any more, or when the server stops. */
  readonly signal: AbortSignal;
  /** Whose calls a cancellation may end: the token's, and within them the client's. */
  readonly caller: string;
}

export interface McpServing {
  serve(request: McpRequest): Promise<Response>;
  /** Tells clients that listen: the list of tools may be another one. */
  toolsChanged(): void;
}

export interface McpServingDeps {
  readonly toolbox: Toolbox;
  readonly openCalls: OpenCalls;
  readonly version: string;
  readonly onError: (error: Error) => void;
}

/** Tells that a tool failed inside; the message is for whoever called. */
type TellBroken = (error: Error) => void;

/**
 * Serves the protocol, without anything kept between two requests: each is answered by a server of its own, so that a
 * restart of ours ends no session. The revision of 2026-07-28 is spoken, and those before it by `initialize`.
 */
export function createMcpServing(deps: McpServingDeps): McpServing {
  const { toolbox, openCalls, version, onError } = deps;

  function serverFor(request: McpRequest): Server {
    const server = new Server(
      { name: "yardmaster", title: "Yardmaster", version },
      { capabilities: { tools: { listChanged: true } }, instructions: INSTRUCTIONS },
    );
    const { scopes } = request.principal;
    server.setRequestHandler("tools/list", () => ({
      tools: toolbox.list(scopes).map(described),
    }));
    server.setRequestHandler(
      "tools/call",
      async ({ params: { name, arguments: args = {} } }, { mcpReq }) => {
        const open = openCalls.open(
          request.caller,
          mcpReq.id,
          AbortSignal.any([request.signal, mcpReq.signal]),
        );
        const token = mcpReq._meta?.progressToken;
        const progress =
          token === undefined
            ? undefined
            : ({ done, total, message }: Progress): Promise<void> =>
                mcpReq.notify({
                  method: "notifications/progress",
                  params: { progressToken: token, progress: done, total, message },
                });
        const { api, key } = request;
        const call = { api, key, signal: open.signal, progress };
        try {
          const answering = toolbox.call(name, args as JsonObject, call, scopes);
          if (answering === undefined) throw unknownTool(name, toolbox.nearest(name, scopes));
          return (await answered(answering, onError)) as ToolResult;
        } finally {
          open.close();
        }
      },
    );
    return server;
  }

  const requests = new WeakMap<Request, McpRequest>();
  const modern = createMcpHandler(
    ({ requestInfo }: McpRequestContext) => {
      const request = requestInfo && requests.get(requestInfo);
      if (request === undefined) throw new Error("a request of nobody (m7f2)");
      return serverFor(request);
    },
    { legacy: "reject", onerror: quiet },
  );

  /** By one transport for each request, in JSON unless it asks to be told how far it is. */
  async function serveEarlier(request: McpRequest, asked: Request): Promise<Response> {
    const server = serverFor(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      enableJsonResponse: !asksForProgress(request.message),
    });
    await server.connect(transport);
    return transport.handleRequest(asked, { parsedBody: request.message });
  }

  return {
    async serve(request) {
      const asked = new Request("http://localhost/mcp", {
        method: request.method,
        headers: request.headers,
      });
      const isEarlier = await isLegacyRequest(asked, request.message);
      if (isEarlier) return serveEarlier(request, asked);
      requests.set(asked, request);
      return modern.fetch(asked, { parsedBody: request.message });
    },
    toolsChanged: () => modern.notify.toolsChanged(),
  };
}

/** Refusals of what clients send are told to them. */
function quiet(): void {}

function described(tool: Tool) {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    ...{ name, title, description, annotations: { title, ...annotations } },
    inputSchema: { ...inputSchema, type: "object" as const },
    outputSchema: { ...outputSchema, type: "object" as const },
  };
}

async function answered(
  answering: ReturnType<Toolbox["call"]>,
  tell: TellBroken,
): Promise<ToolResult> {
  try {
    const answer = await answering;
    if (answer === undefined) throw new Error("a tool gave nothing (m7u1)");
    return resultOf(answer);
  } catch (error) {
    if (isAppError(error)) return errorResultOf(error);
    tell(error as Error);
    return errorResultOf(new AppError("internal", "The server has logged what broke; try again"));
  }
}

function unknownTool(name: string, near: string | undefined): ProtocolError {
  const hint =
    near === undefined ? "tools/list names those that there are" : `Did you mean ${near}?`;
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no tool ${name.slice(0, 100)}. ${hint}`,
  );
}

function asksForProgress(message: unknown): boolean {
  const messages = Array.isArray(message) ? message : [message];
  return messages.some(
    (one: { params?: { _meta?: { progressToken?: unknown } } } | null) =>
      one?.params?._meta?.progressToken !== undefined,
  );
}
