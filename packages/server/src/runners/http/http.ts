import type { IncomingMessage } from "node:http";
import { type HttpRequest, type HttpSpec, httpRequestOf } from "@yardmaster/kernel";
import type { Json, WorkError } from "@yardmaster/protocol";
import { ownTurn } from "../../json/index.ts";
import type { Masker } from "../masking/index.ts";
import {
  type AttemptContext,
  type AttemptFacts,
  type AttemptResult,
  isWorkError,
  type Runner,
  stopReason,
  stopText,
} from "../runner.ts";
import { createAllowList } from "./allow-list.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { isExpected, retryAfterMs } from "./expected.ts";
import { type Resolve, systemResolve } from "./guard.ts";
import { bodyError, excessError, requestError, statusError } from "./http-error.ts";
import { bodyOf, readBody, readStart } from "./incoming.ts";
import { type Outgoing, outgoingOf } from "./outgoing.ts";
import { redirected, whyStayed } from "./redirect.ts";
import { describe } from "./secrets.ts";

export interface HttpRunnerOptions {
  /** Hosts, addresses and ranges beyond the public Internet that requests may go to (`YARD_HTTP_ALLOW`). */
  readonly allow?: readonly string[];
  readonly connectTimeoutMs?: number;
  /** The largest body, decompressed; as base64 where it is no text. */
  readonly responseLimitBytes?: number;
  readonly resolve?: Resolve;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

interface Setup {
  readonly exchange: Exchange;
  readonly connectTimeoutMs: number;
  readonly responseLimitBytes: number;
  readonly now: () => number;
}

/** Shown of a response that was not expected. */
const EXCERPT_BYTES = 1024;

/** Carries out HTTP requests in the worker itself. */
export function createHttpRunner(options: HttpRunnerOptions = {}): Runner<HttpSpec> {
  const { connectTimeoutMs = 10_000, responseLimitBytes = 1024 * 1024, now = Date.now } = options;
  const allowed = createAllowList(options.allow ?? []);
  const exchange = createExchange({
    allowed,
    resolve: options.resolve ?? systemResolve,
    connectTimeoutMs,
  });
  const setup: Setup = { exchange, connectTimeoutMs, responseLimitBytes, now };
  return { run: (spec, context) => runHttp(spec, context, setup) };
}

async function runHttp(
  spec: HttpSpec,
  context: AttemptContext,
  setup: Setup,
): Promise<AttemptResult> {
  const startedMs = performance.now();
  const facts = (): AttemptFacts => ({
    durationMs: Math.round(performance.now() - startedMs),
  });
  const read = httpRequestOf(spec, context.input, context.secrets);
  if (!read.ok) return { status: "failed", error: read.error, facts: facts() };
  const stop = stopOf(context);
  try {
    const output = await respond(read.request, context, stop.signal, setup);
    if (stop.signal.aborted) return { ...stop.result(), facts: facts() };
    if (isWorkError(output)) return { status: "failed", error: output, facts: facts() };
    return { status: "success", output: output.output, facts: facts() };
  } finally {
    stop.clear();
  }
}

/** What breaks a request off: the end of its time, a cancel, a lost lease. */
function stopOf({ signal, timeoutMs }: AttemptContext) {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  const timer = setTimeout(() => stop.abort("timeout"), timeoutMs);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return {
    signal: stop.signal,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
    result(): { status: "timed_out" | "canceled"; error: WorkError } {
      if (stop.signal.reason !== "timeout") {
        const message = stopText(stopReason(stop.signal));
        return { status: "canceled", error: { code: "canceled", message } };
      }
      const message = `The request was not answered in full within ${timeoutMs / 1000} s and was broken off.`;
      const details = { timeout_ms: timeoutMs };
      return { status: "timed_out", error: { code: "timed_out", message, details } };
    },
  };
}

/** The output, or what went wrong; when broken off, whatever: the caller knows. */
async function respond(
  request: HttpRequest,
  context: AttemptContext,
  signal: AbortSignal,
  setup: Setup,
): Promise<{ readonly output: Json } | WorkError> {
  const first = outgoingOf(request, context);
  if (typeof first === "string") return { code: "invalid_input", message: first };
  let to: Outgoing = first;
  try {
    for (let left = request.redirects; ; left--) {
      const response = await setup.exchange(to, signal);
      const next = nextOf(to, response, left, request, context.secrets !== undefined);
      if (next === undefined)
        return await outputOf(to, response, { request, left, masker: context.masker }, setup);
      response.destroy();
      if (typeof next === "string") return redirectError(to, response, next);
      tellRedirect(to, next, response, context, setup);
      to = next;
    }
  } catch (error) {
    return requestError(error, to, setup);
  }
}

/** A redirect that is itself what the action expects is not followed, nor one beyond the last. */
function nextOf(
  to: Outgoing,
  response: IncomingMessage,
  left: number,
  request: HttpRequest,
  hasSecrets: boolean,
) {
  const status = response.statusCode ?? 0;
  if (left === 0 || isExpected(status, request.expect)) return undefined;
  const next = redirected(to, status, response.headers.location);
  const takesBody = typeof next === "object" && next.body !== undefined;
  if (hasSecrets && takesBody && next.url.origin !== to.url.origin)
    return "it leads to another origin, and the body may hold secrets";
  return next;
}

interface Asked {
  readonly request: HttpRequest;
  /** Redirects that might still be followed. */
  readonly left: number;
  readonly masker: Masker | undefined;
}

async function outputOf(
  from: Outgoing,
  response: IncomingMessage,
  { request, left, masker }: Asked,
  setup: Setup,
): Promise<{ readonly output: Json } | WorkError> {
  const { statusCode: status = 0, statusMessage: phrase = "", headers } = response;
  if (!isExpected(status, request.expect)) {
    // A secret that begins in what is shown must be known as one.
    const read = await readStart(response, EXCERPT_BYTES + (masker?.longest ?? 0));
    const start = (masker?.bytes(read) ?? read).subarray(0, EXCERPT_BYTES);
    const wait = retryAfterMs(headers["retry-after"], setup.now());
    const stayed = whyStayed(status, headers.location, left, request.redirects);
    return statusError(from, { status, phrase, start, stayed }, request, wait);
  }
  const bytes = await readBody(response, setup.responseLimitBytes);
  await ownTurn(bytes.length);
  const body = bodyOf(bytes, headers["content-type"]);
  if ("excess" in body) return excessError(from, body.excess);
  if ("flaw" in body) return bodyError(from, body.text, body.flaw, { request, masker });
  return { output: { status, headers: headers as Json, ...body } };
}

function redirectError(from: Outgoing, response: IncomingMessage, why: string): WorkError {
  const status = response.statusCode ?? 0;
  const message = `${describe(from)} was answered with a redirect (${status}) that is not followed: ${why}.`;
  return { code: "http_failed", message, details: { error: "redirect", status } };
}

function tellRedirect(
  from: Outgoing,
  to: Outgoing,
  { statusCode }: IncomingMessage,
  context: AttemptContext,
  setup: Setup,
): void {
  const told = `[yard] ${describe(from)} was answered ${statusCode}: on to ${describe(to)}\n`;
  const text = context.masker?.text(told) ?? told;
  void context.onLog({ stream: "stderr", text, at: setup.now() });
}
