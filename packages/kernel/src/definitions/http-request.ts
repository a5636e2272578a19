import type { Json, WorkError } from "@yardmaster/protocol";
import { compileValidator, type JsonSchema } from "../schema/index.ts";
import type { HttpSpec } from "./definition.ts";
import { renderRequest, type SecretValues } from "./rendered-request.ts";

/** Redirects that one request follows at most, and where it does not say `redirects`. */
export const MAX_REDIRECTS = 5;
/** Of a request whose action says nothing else (docs/limits.md). */
export const DEFAULT_HTTP_TIMEOUT_MS = 30_000;

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

/** What one HTTP request says; at most one of `body`, `json` and `form` is given. */
export interface HttpRequest {
  readonly method: (typeof METHODS)[number];
  readonly url: string;
  readonly headers?: { readonly [name: string]: Scalar | null };
  /** Added to the URL's own; a list repeats its name, null leaves it out. */
  readonly query?: { readonly [name: string]: Scalar | null | readonly Scalar[] };
  /** A text is sent as it is, null is no body, anything else is sent as JSON. */
  readonly body?: Json;
  /** Sent as JSON, a text and null too. */
  readonly json?: Json;
  /** Sent as `application/x-www-form-urlencoded`, written like `query`. */
  readonly form?: HttpRequest["query"];
  /** Statuses that are a success: numbers, or classes such as `2xx`. */
  readonly expect: Status | readonly Status[];
  /** How many redirects are followed; one more is the response itself. */
  readonly redirects: number;
}

export type Scalar = string | number | boolean;
export type Status = string | number;

const SCALAR = { type: ["string", "number", "boolean", "null"] };
const FIELDS = {
  type: "object",
  additionalProperties: {
    type: ["string", "number", "boolean", "null", "array"],
    items: { type: ["string", "number", "boolean"] },
  },
};
const STATUS = { type: ["integer", "string"], minimum: 100, maximum: 599, pattern: "^[1-5]xx$" };

/** The request's parts, by name: the input of `core.http`, and the keys of an action with `runner: http`. */
export const HTTP_FIELDS: { readonly [name: string]: JsonSchema } = {
  method: { type: "string", enum: [...METHODS], default: "GET" },
  url: { type: "string" },
  headers: { type: "object", additionalProperties: SCALAR },
  query: FIELDS,
  body: true,
  json: true,
  form: FIELDS,
  expect: {
    ...STATUS,
    type: [...STATUS.type, "array"],
    items: STATUS,
    default: "2xx",
    examples: [201, "2xx"],
  },
  redirects: { type: "integer", minimum: 0, maximum: MAX_REDIRECTS, default: MAX_REDIRECTS },
};

export const HTTP_REQUEST = compileValidator({
  type: "object",
  properties: HTTP_FIELDS,
  required: ["url"],
  additionalProperties: false,
});

/** What every response has; `encoding` is "base64" where the body is no text. */
export const HTTP_RESPONSE_FIELDS: { readonly [name: string]: JsonSchema } = {
  status: { type: "integer" },
  headers: { type: "object" },
  body: true,
  encoding: { type: "string" },
};

export type ReadRequest =
  | { readonly ok: true; readonly request: HttpRequest }
  | { readonly ok: false; readonly error: WorkError };

/** The request of an attempt: the action's own with this input put in, or the input itself (`core.http`). */
export function httpRequestOf(spec: HttpSpec, input: Json, secrets?: SecretValues): ReadRequest {
  const rendered = renderRequest(spec.request, input, HTTP_REQUEST, "the request", secrets);
  if (!rendered.ok) return rendered;
  const request = rendered.value as unknown as HttpRequest;
  const flaw = bodyFlaw(request);
  if (flaw === undefined) return { ok: true, request };
  return { ok: false, error: { code: "invalid_input", message: flaw } };
}

/** What the request's framing and the connection say, and nobody else may. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "te",
  "trailer",
  "expect",
]);

/** A token of RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Why a header of this name cannot be given. */
export function headerNameFlaw(name: string): string | undefined {
  if (OWN_HEADERS.has(name.toLowerCase())) return "is set by Yardmaster itself; leave it out";
  return TOKEN.test(name)
    ? undefined
    : "is no header: its name holds a character that HTTP does not allow";
}

/** Of these a request gives at most one. */
export const BODIES = ["body", "json", "form"] as const;

/** What is wrong with how a request gives its body. */
export function bodyFlaw(
  request: {
    readonly [key in (typeof BODIES)[number] | "method"]?: unknown;
  },
): string | undefined {
  const [first, second] = BODIES.filter((key) => request[key] !== undefined);
  if (first === undefined) return undefined;
  if (second !== undefined) return `give ${first} or ${second}, not both`;
  const { method = "GET" } = request;
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (first === "body" && request.body === null) return undefined;
  return `a ${method} request has no ${first}: write method: POST, or give query`;
}
