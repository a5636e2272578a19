import type { IncomingHttpHeaders } from "node:http";
import type { Json, WorkError } from "@yardmaster/protocol";
import { readJson } from "../../json/index.ts";
import { isReply, type Reply, type Requester } from "../../runners/index.ts";
import { type Answer, answered, failed, type Problem } from "./answer.ts";

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base of the API; or a whole address that the API has given, of the same origin. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Asks only for what has changed since this `ETag`. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Said {
  /** Null without a body, and where `isUnchanged`. */
  readonly body: Json;
  /** 304: as of the `ETag` that was sent. */
  readonly isUnchanged: boolean;
  readonly etag: string | undefined;
  /** The next page, of the same origin. */
  readonly next: string | undefined;
}

export interface ForgeClient {
  call(call: Call): Promise<Answer<Said>>;
}

export interface ForgeClientOptions {
  /** Without a slash at its end. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Kept out of messages. */
  readonly token: string;
  /** Of what the token may ask in a while (`x-ratelimit-limit`): so much is left to others. */
  readonly leaves?: number | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Shown of an answer that is an error. */
const EXCERPT_CHARS = 200;

/** Speaks to the API of one forge. Never rejects: what went wrong is an answer of its own kind. */
export function createForgeClient(request: Requester, options: ForgeClientOptions): ForgeClient {
  const base = new URL(options.base);
  let spentUntilMs = 0;
  const hide = (text: string): string => text.replaceAll(options.token, "***");

  async function call({ method = "GET", path, query, body, etag, signal }: Call) {
    const url = new URL(path.startsWith("/") ? `${options.base}${path}` : path);
    // A token goes nowhere but to whom it is of.
    if (url.origin !== base.origin)
      return failed(
        "malformed",
        `the tracker named ${url.origin} as its next page, which is another server`,
      );
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const headers = {
      accept: "application/json",
      "accept-encoding": "gzip, deflate, br",
      "user-agent": "yardmaster",
      ...options.headers,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(etag === undefined ? {} : { "if-none-match": etag }),
    };
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const waitMs = spentUntilMs - options.now();
    if (waitMs > 0)
      return failed(
        "rate_limited",
        `most of what the token may ask ${base.host} has been asked; the rest is left to others`,
        { retryAfterMs: waitMs },
      );
    const reply = await request({ method, url, headers, ...sent }, signal);
    if (!isReply(reply)) return { ok: false, problem: unreached(reply) } as const;
    spentUntilMs = spentUntil(reply.headers, options.leaves ?? 0);
    return read(`${method} ${url.pathname}`, reply);
  }

  function read(what: string, reply: Reply): Answer<Said> {
    const { status, headers, body } = reply;
    const said = { etag: headers["etag"], next: nextPage(headers["link"]) };
    if (status === 304) return answered({ ...said, body: null, isUnchanged: true });
    if (status < 200 || status > 299)
      return { ok: false, problem: refused(what, reply, { hide, nowMs: options.now() }) };
    if (body.length === 0) return answered({ ...said, body: null, isUnchanged: false });
    // The nearest number is better than no answer: who answers cannot be asked to write ids as text.
    const json = readJson(body.toString("utf8"), "nearest");
    if ("value" in json) return answered({ ...said, body: json.value, isUnchanged: false });
    return failed("malformed", `${what} was answered ${status} with what is no JSON`, { status });
  }

  return { call };
}

function unreached({ code, message }: WorkError): Problem {
  return { kind: code === "http_blocked" ? "blocked" : "unreachable", message };
}

function refused(
  what: string,
  { status, headers, body, retryAfterMs }: Reply,
  { hide, nowMs }: { readonly hide: (text: string) => string; readonly nowMs: number },
): Problem {
  const said = hide(messageIn(body.toString("utf8")));
  const message = `${what} was answered ${status}${said === "" ? "" : `: ${said}`}`;
  const waitMs = retryAfterMs ?? resetMs(headers, nowMs);
  const isLimit =
    status === 429 ||
    (status === 403 && (retryAfterMs !== undefined || headers["x-ratelimit-remaining"] === "0"));
  if (isLimit) return { kind: "rate_limited", message, status, retryAfterMs: waitMs };
  const problem = { message, status, retryAfterMs };
  if (status >= 300 && status < 400) {
    const to = headers.location;
    return {
      ...problem,
      kind: "moved",
      message: `${message}${to ? `; it is at ${hide(to)} now` : ""}`,
    };
  }
  if (status === 401) return { ...problem, kind: "auth" };
  if (status === 403) return { ...problem, kind: "forbidden" };
  if (status === 404 || status === 410) return { ...problem, kind: "not_found" };
  return { ...problem, kind: status >= 500 ? "server_error" : "rejected" };
}

/** Until when nothing more is asked, in Unix milliseconds; 0 where enough is left, or nobody says. */
function spentUntil(headers: IncomingHttpHeaders, leaves: number): number {
  const [limit, left, resetAt] = ["limit", "remaining", "reset"].map((name) =>
    Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
  ) as [number, number, number];
  return left < limit * leaves && resetAt > 0 ? resetAt * 1_000 : 0;
}

/** How long until `x-ratelimit-reset`, where nothing is left; a minute where nobody says. */
function resetMs(headers: IncomingHttpHeaders, nowMs: number): number {
  const at = Number(headers["x-ratelimit-reset"]);
  return Number.isFinite(at) && at > 0 ? Math.max(at * 1_000 - nowMs, 1_000) : 60_000;
}

/** Both forges say in `message` what is wrong. */
function messageIn(text: string): string {
  const json = readJson(text, "nearest");
  const value = "value" in json ? json.value : undefined;
  const said = value !== null && typeof value === "object" ? Object(value)["message"] : undefined;
  const shown = typeof said === "string" ? said : text.startsWith("<") ? "" : text;
  return shown
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, " ")
    .trim()
    .slice(0, EXCERPT_CHARS);
}

function nextPage(link: string | string[] | undefined): string | undefined {
  const text = Array.isArray(link) ? link.join(", ") : link;
  return /<([^>]+)>\s*;[^,]*rel="?next"?/.exec(text ?? "")?.[1];
}
