import { validateHeaderValue } from "node:http";
import { type HttpRequest, headerNameFlaw, type Scalar } from "@yardmaster/kernel";
import type { AttemptContext } from "../runner.ts";
import { unescaped } from "./secrets.ts";

/** One request on its way to one place; a redirect makes another one of it. */
export interface Outgoing {
  readonly method: string;
  /** Without user and password: they are in the headers. */
  readonly url: URL;
  /** By name in small letters. */
  readonly headers: { readonly [name: string]: string };
  readonly body?: Buffer;
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const WITHOUT_KEY = new Set(["GET", "HEAD", "OPTIONS"]);

const MAX_URL_CHARS = 8 * 1024;
const USER_AGENT = "yardmaster";

/** The first request of an attempt, or what is wrong with what the step gave (`invalid_input`). */
export function outgoingOf(request: HttpRequest, context: AttemptContext): Outgoing | string {
  const url = readUrl(request);
  if (typeof url === "string") return url;
  const body = bodyOf(request);
  const own = ownHeaders(request);
  if (typeof own === "string") return own;
  const headers: { [name: string]: string } = {
    accept: "*/*",
    "accept-encoding": "gzip, deflate, br",
    "user-agent": USER_AGENT,
    ...(context.trace === undefined ? {} : { traceparent: context.trace }),
    ...(context.traceState === undefined ? {} : { tracestate: context.traceState }),
    ...(WITHOUT_KEY.has(request.method) ? {} : { "idempotency-key": context.idempotencyKey }),
    ...(body?.type === undefined ? {} : { "content-type": body.type }),
    ...credentialsOf(url),
    ...own,
  };
  url.username = "";
  url.password = "";
  url.hash = "";
  return { method: request.method, url, headers, ...(body && { body: body.bytes }) };
}

function readUrl(request: HttpRequest): URL | string {
  // The text is not repeated in errors: it may hold a secret.
  if (request.url.length > MAX_URL_CHARS)
    return `url has ${request.url.length} characters; at most ${MAX_URL_CHARS} are allowed`;
  if (!URL.canParse(request.url)) return "url is no address; write https://host/path";
  const url = new URL(request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `url must begin with http:// or https://, not ${url.protocol}`;
  for (const [name, value] of pairsOf(request.query)) url.searchParams.append(name, value);
  return url;
}

function pairsOf(fields: HttpRequest["query"]): [string, string][] {
  return Object.entries(fields ?? {}).flatMap(([name, given]) => {
    const values: readonly (Scalar | null)[] = Array.isArray(given) ? given : [given as Scalar];
    return values
      .filter((value) => value !== null)
      .map((value): [string, string] => [name, String(value)]);
  });
}

function bodyOf(request: HttpRequest): { bytes: Buffer; type: string } | undefined {
  const { body, json, form } = request;
  if (form !== undefined) {
    const text = new URLSearchParams(pairsOf(form)).toString();
    return { bytes: Buffer.from(text), type: "application/x-www-form-urlencoded" };
  }
  if (typeof body === "string")
    return { bytes: Buffer.from(body), type: "text/plain; charset=utf-8" };
  const value = json === undefined ? (body ?? undefined) : json;
  if (value === undefined) return undefined;
  return { bytes: Buffer.from(JSON.stringify(value)), type: "application/json" };
}

function ownHeaders(request: HttpRequest): { [name: string]: string } | string {
  const headers: { [name: string]: string } = {};
  for (const [given, value] of Object.entries(request.headers ?? {})) {
    const name = given.toLowerCase();
    const flaw = headerNameFlaw(name);
    if (flaw !== undefined) return `headers.${given} ${flaw}`;
    if (value === null) continue;
    try {
      validateHeaderValue(name, String(value));
    } catch {
      return `headers.${given} is no header: its value holds a character that HTTP does not allow`;
    }
    headers[name] = String(value);
  }
  return headers;
}

/** `https://user:password@host` as the header that it stands for (RFC 7617). */
function credentialsOf(url: URL): { authorization?: string } {
  if (url.username === "" && url.password === "") return {};
  const plain = `${unescaped(url.username)}:${unescaped(url.password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString("base64")}` };
}
