import { AppError } from "@yardmaster/protocol/core";
import { pause } from "./pause.ts";
import { errorOfResponse } from "./problem.ts";
import { isRefusal, retryDelayMs, STREAM_SETTINGS } from "./retry.ts";
import type { TraceContext } from "./trace-context.ts";

export interface ClientOptions {
  /** Where the server listens, `http://127.0.0.1:4400`. A path in it is kept, for servers behind a proxy. */
  readonly url: string;
  /** What `yard tokens create` has shown. */
  readonly token?: string | undefined;
  /**
   * How long a call is tried again while the server is out of reach, or says 429, 500 or 503: one that reads, or one
   * with an idempotency key. 0, not at all, unless given.
   */
  readonly retryForMs?: number | undefined;
  /** What all calls are a part of. */
  readonly trace?: TraceContext | undefined;
  /** Stands in for the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Gives the call up; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
}

export type QueryValue = string | number | boolean | undefined;

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the root of the API, `/v1/runs`; empty for the client's own address. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer. */
export interface Answer<T> {
  /** As JSON; undefined where it is empty. */
  readonly body: T;
  readonly headers: Headers;
}

/** Sends requests and turns what goes wrong into AppErrors; an abort is thrown as the signal's reason. */
export interface Transport {
  /** The answer, its body unread; its status is 2xx. */
  open(request: ApiRequest): Promise<Response>;
  /** Opened and read, again and again for `retryForMs` where that does no harm. */
  answer<T>(request: ApiRequest): Promise<Answer<T>>;
  /** The body of `answer`. */
  json<T>(request: ApiRequest): Promise<T>;
  /** A broken connection in words, for those who read an answer's body themselves. */
  unreachable(error: unknown): AppError;
}

export function createTransport(options: ClientOptions): Transport {
  const base = baseOf(options.url);
  const { fetch = globalThis.fetch, retryForMs = 0 } = options;

  async function open(request: ApiRequest): Promise<Response> {
    const response = await send(request);
    if (response.ok) return response;
    if (isRedirect(response)) throw redirected(base, response);
    throw await errorOfResponse(response);
  }

  async function send(request: ApiRequest): Promise<Response> {
    const { method = "GET", body, signal } = request;
    // What cannot be asked for is none of the server's: nobody waits for that to be better.
    const address = addressOf(base, request);
    const init = {
      method,
      headers: headersOf(request, options),
      // It would take the body, which may hold a secret, to wherever the answer says.
      redirect: "manual",
      ...(body === undefined ? {} : { body: textOf(body) }),
      ...(signal === undefined ? {} : { signal }),
    } as const;
    try {
      return await fetch(address, init);
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(base, error);
    }
  }

  async function read<T>(response: Response, signal?: AbortSignal | undefined): Promise<T> {
    const text = await response.text().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw unreachable(base, error);
    });
    return text === "" ? (undefined as T) : parse<T>(text, response.url);
  }

  async function answer<T>(request: ApiRequest): Promise<Answer<T>> {
    const untilMs = Date.now() + (isRepeatable(request) ? retryForMs : 0);
    for (let failures = 0; ; failures++) {
      try {
        const response = await open(request);
        return { body: await read<T>(response, request.signal), headers: response.headers };
      } catch (error) {
        request.signal?.throwIfAborted();
        const waitMs = retryDelayMs(failures, STREAM_SETTINGS);
        if (isRefusal(error) || Date.now() + waitMs > untilMs) throw error;
        await pause(waitMs, request.signal);
      }
    }
  }

  async function json<T>(request: ApiRequest): Promise<T> {
    return (await answer<T>(request)).body;
  }

  return { open, answer, json, unreachable: (error) => unreachable(base, error) };
}

/** What names a request, so that the server knows the same one again. */
const NAMES = ["idempotency-key", "webhook-id"];

/** Sent twice it does what it does once. */
function isRepeatable({ method = "GET", headers = {} }: ApiRequest): boolean {
  return method === "GET" || NAMES.some((name) => headers[name] !== undefined);
}

function parse<T>(text: string, url: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new AppError("unavailable", `${url} did not answer in JSON; is it a Yardmaster server?`, {
      cause,
    });
  }
}

function unreachable(base: URL, error: unknown): AppError {
  return new AppError(
    "unavailable",
    `Cannot reach a Yardmaster server at ${base.origin}: ${reasonOf(error)}`,
    { cause: error },
  );
}

/** No route of the API answers so. Browsers show nothing else of it. */
function isRedirect({ status, type }: Response): boolean {
  return type === "opaqueredirect" || [301, 302, 303, 307, 308].includes(status);
}

function redirected(base: URL, { headers }: Response): AppError {
  const location = headers.get("location") ?? "";
  const to = URL.canParse(location, base.href) ? ` to ${new URL(location, base).origin}` : "";
  return new AppError(
    "unavailable",
    `${base.origin} redirects${to}, which is not followed: give the address of the server itself (YARD_URL)`,
  );
}

const UNKNOWN_AUTHORITY =
  "no authority that is known here has signed its certificate; name the file of the one that has in NODE_EXTRA_CA_CERTS";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host name could not be resolved",
  ETIMEDOUT: "timed out",
  UND_ERR_CONNECT_TIMEOUT: "timed out",
  UND_ERR_SOCKET: "the connection was closed",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS there; is it http://?",
};

function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = "code" in at ? String(at.code) : "";
    if (REASONS[code] !== undefined) return REASONS[code];
    if (at.cause === undefined) return at.message || code || at.name;
  }
  return String(error);
}

function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base?.protocol === "http:" || base?.protocol === "https:") return base;
  throw new AppError(
    "invalid_request",
    `"${url}" is not the address of a server; expected something like http://127.0.0.1:4400`,
  );
}

/** An empty id would ask for the list instead, and be answered. */
const NO_NAMES: readonly string[] = ["", ".", ".."];

function addressOf(base: URL, { path, query = {} }: ApiRequest): URL {
  const nameless = (path === "" ? [] : path.slice(1).split("/")).find((part) =>
    NO_NAMES.includes(part),
  );
  if (nameless !== undefined)
    throw new AppError("invalid_request", `"${nameless}" is no id and no name (for ${path})`);
  const address = new URL(base.pathname.replace(/\/$/, "") + path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

function textOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("invalid_request", `What is to be sent cannot be JSON: ${why}`, { cause });
  }
}

/** `fetch` would take it for a server that is out of reach, and show the value: that of a token too. */
function checkHeader(name: string, value: string): void {
  if (/^[\x20-\x7e]*$/.test(value.trim())) return;
  const isToken = name === "authorization";
  const what = isToken ? "The token" : `The header ${name}`;
  throw new AppError(
    isToken ? "unauthorized" : "invalid_request",
    `${what} has a character that it cannot have, such as a line break or an umlaut`,
  );
}

function headersOf(
  request: ApiRequest,
  { token, trace }: Pick<ClientOptions, "token" | "trace">,
): Record<string, string> {
  const wanted = {
    ...trace,
    accept: "application/json",
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    "content-type": request.body === undefined ? undefined : "application/json",
    ...request.headers,
  };
  const headers = Object.entries(wanted).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  for (const [name, value] of headers) checkHeader(name, value);
  return Object.fromEntries(headers);
}
