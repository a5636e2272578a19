import type { Json, JsonObject, WorkError } from "@yardmaster/protocol";
import { compileValidator, type JsonSchema } from "../schema/index.ts";
import type { McpSpec } from "./definition.ts";
import type { Scalar } from "./http-request.ts";
import { renderRequest, type SecretValues } from "./rendered-request.ts";

/** What one attempt asks of an MCP server. */
export interface McpRequest {
  readonly server?: {
    /** Of a server that is started: null leaves a variable out. */
    readonly env?: { readonly [name: string]: Scalar | null };
    /** Of one that answers over Streamable HTTP. */
    readonly url?: string;
    readonly headers?: { readonly [name: string]: Scalar | null };
  };
  readonly arguments?: JsonObject;
}

const SCALARS: JsonSchema = {
  type: "object",
  additionalProperties: { type: ["string", "number", "boolean", "null"] },
};

/** What of a server may be made of the action's input and secrets; its `command` is fixed. */
export const MCP_SERVER_FIELDS: { readonly [name: string]: JsonSchema } = {
  env: SCALARS,
  url: { type: "string" },
  headers: SCALARS,
};

/** The request's parts, by name: keys of an action with `runner: mcp`. */
export const MCP_FIELDS: { readonly [name: string]: JsonSchema } = {
  server: { type: "object", properties: MCP_SERVER_FIELDS, additionalProperties: false },
  arguments: { type: "object" },
};

export const MCP_REQUEST = compileValidator({
  type: "object",
  properties: MCP_FIELDS,
  additionalProperties: false,
});

export type ReadMcpRequest =
  | {
      readonly ok: true;
      readonly server: NonNullable<McpRequest["server"]>;
      readonly arguments: JsonObject;
    }
  | { readonly ok: false; readonly error: WorkError };

/** The request of an attempt: what the action says, with this input put in. Without `arguments` they are the input. */
export function mcpRequestOf(spec: McpSpec, input: Json, secrets?: SecretValues): ReadMcpRequest {
  const rendered = renderRequest(spec.request, input, MCP_REQUEST, "the call", secrets);
  if (!rendered.ok) return rendered;
  const { server = {}, arguments: given } = rendered.value as McpRequest;
  // The compiler holds an input that is passed on to being a map.
  return { ok: true, server, arguments: given ?? ((input ?? {}) as JsonObject) };
}

/** What the protocol's own messages say, beside those of every request. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "content-type",
  "mcp-session-id",
  "mcp-protocol-version",
  "mcp-method",
  "mcp-name",
  "last-event-id",
]);

export function isMcpHeader(name: string): boolean {
  return OWN_HEADERS.has(name.toLowerCase());
}
