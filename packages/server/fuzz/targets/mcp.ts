import { AppError } from "@yardmaster/protocol";
import { z } from "zod";
import { createHttp, type Http, type Route } from "../../src/http/index.ts";
import { mcpRoutes } from "../../src/mcp/index.ts";
import { describedRoutes } from "../../src/reference/every-route.ts";
import { type FuzzTarget, must, wordFor } from "../target.ts";
import { requestOf } from "./request.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const JSON_HEADERS =
  "content-type: application/json\naccept: application/json, text/event-stream\n";
const rpc = (method: string, params: object, more = "") =>
  `${JSON_HEADERS}${more}\n${JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })}`;
const tool = (name: string, args: object) => rpc("tools/call", { name, arguments: args });
const MODERN = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "f", version: "1" },
};
const MODERN_HEADERS = "mcp-protocol-version: 2026-07-28\nmcp-method: tools/call\n";

const failures: string[] = [];
const served = serveTools();

/** Messages of MCP as HTTP brings them: each is answered by the protocol or by a problem, and nothing breaks inside. */
export const mcpTarget: FuzzTarget = {
  name: "mcp",
  limitMs: 2_000,
  seeds: [
    rpc("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "f", version: "1" },
    }),
    rpc("tools/list", {}, "mcp-protocol-version: 2025-06-18\n"),
    rpc("ping", {}),
    rpc(
      "tools/call",
      { name: "list_runs", arguments: {}, _meta: MODERN },
      `${MODERN_HEADERS}mcp-name: list_runs\n`,
    ),
    rpc(
      "server/discover",
      { _meta: MODERN },
      "mcp-protocol-version: 2026-07-28\nmcp-method: server/discover\n",
    ),
    tool("start_run", { ref: "a.b", input: { n: [1] }, wait_seconds: 1, idempotency_key: "k" }),
    tool("get_run_logs", { id: ID, step: "a#1", tail: 5, cursor: "1.1" }),
    tool("create_task", {
      title: "t",
      schedule_kind: "cron",
      schedule_expr: "* * * * *",
      payload: {},
    }),
    tool("explain", { id: "a/b?c" }),
    `${JSON_HEADERS}\n[{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]`,
  ],
  words: [
    '"jsonrpc":"2.0"',
    '"method":"',
    '"params":{',
    '"arguments":',
    '"name":"',
    '"id":',
    '"_meta":{',
    "tools/call",
    "tools/list",
    "notifications/",
    "start_run",
    "get_run",
    "publish_event",
    "lab__x",
    "wait_seconds",
    "idempotency_key",
    "io.modelcontextprotocol/",
    "mcp-protocol-version: ",
    "mcp-session-id: ",
    "origin: null",
    "2026-07-28",
    "2025-03-26",
    "../",
    "%2f",
    "__proto__",
    "null",
    "[",
    "1e999",
    "\\u0000",
    "\\ud800",
    ID,
  ],
  async run(input) {
    const { headers, body } = requestOf(input);
    // Streams need a socket, and that of a subscription lasts as long as its client.
    if (/listen|progressToken/i.test(unescaped(body.toString()))) return "stream";
    const before = failures.length;
    const {
      statusCode,
      headers: told,
      payload,
    } = await served.inject({
      method: "POST",
      url: "/mcp",
      headers: { ...headers, authorization: "Bearer any" },
      payload: body,
    });
    const logged = failures.slice(before);
    must(statusCode < 500 && logged.length === 0, "broke inside", statusCode, payload, ...logged);
    const type = String(told["content-type"] ?? "");
    if (payload === "") return `${statusCode} nothing`;
    if (type.startsWith("text/event-stream")) return `${statusCode} events`;
    return `${statusCode} ${wordOf(JSON.parse(payload), type)}`;
  },
};

function wordOf(answer: unknown, type: string): string {
  if (Array.isArray(answer)) return `batch ${answer.length}`;
  const { jsonrpc, code, error, result } = answer as {
    readonly jsonrpc?: unknown;
    readonly code?: unknown;
    readonly error?: { readonly code: number; readonly message: string };
    readonly result?: {
      readonly isError?: boolean;
      readonly content?: [{ readonly text: string }];
    };
  };
  if (type.startsWith("application/problem+json")) {
    must(typeof code === "string", "a problem has no code", answer);
    return code;
  }
  must(jsonrpc === "2.0", "an answer is none of the protocol", answer);
  if (error !== undefined) return `${error.code} ${wordFor(error.message)}`;
  must(result !== undefined, "an answer says nothing", answer);
  return result.isError === true ? wordFor(result.content?.[0].text ?? "") : "result";
}

function unescaped(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Every tool, over routes that check what they are asked as ever, and then have nothing. */
function serveTools(): Http {
  const routes = describedRoutes().map(withNothing);
  const fail = (_: object, message: string): void => void failures.push(message);
  const none = (): void => {};
  const log = { debug: none, info: none, warn: fail, error: fail };
  const tools = mcpRoutes({
    ...{ routes, version: "1", newId: () => ID },
    engine: { waitForEnd: async () => undefined },
    packs: { active: () => [], onChange: () => none },
    inject: (request) => http.inject(request),
    onError: (error) => void failures.push(String(error.stack)),
  });
  const http = createHttp(
    {
      ...{ routes: [...routes, ...tools], log, version: "1" },
      authenticate: () => ({ tokenId: ID, name: "f", scopes: ["admin"] }),
      ready: async () => ({ status: "ready", reason: null }),
      status: () => Promise.reject(new AppError("unavailable", "no status")),
    },
    { isBare: true },
  );
  return http;
}

function withNothing(route: Route): Route {
  const isList = route.responses[200]?.schema instanceof z.ZodArray;
  return {
    ...route,
    handler() {
      if (isList) return { body: [] };
      throw new AppError("not_found", "There is nothing here");
    },
  };
}
