import type { IncomingMessage } from "node:http";
import { type HttpRequest, MAX_REDIRECTS } from "@yardmaster/kernel";
import type { Json, WorkError } from "@yardmaster/protocol";
import type { Exchange } from "../http/exchange.ts";
import { isExpected, retryAfterMs } from "../http/expected.ts";
import { requestError, statusError } from "../http/http-error.ts";
import { readStart } from "../http/incoming.ts";
import { type Outgoing, outgoingOf } from "../http/outgoing.ts";
import { redirected } from "../http/redirect.ts";
import { describe } from "../http/secrets.ts";
import { Failed } from "../rpc/failed.ts";
import type { AttemptContext } from "../runner.ts";

export interface HttpServer {
  readonly url: string;
  readonly headers: NonNullable<HttpRequest["headers"]>;
}

export interface HttpSetup {
  readonly exchange: Exchange;
  readonly connectTimeoutMs: number;
  readonly now: () => number;
}

/** One request of the protocol. */
export interface Asked {
  readonly method: "POST" | "GET" | "DELETE";
  readonly headers: NonNullable<HttpRequest["headers"]>;
  readonly json?: Json;
  /** It is what must not happen twice: a proxy would answer all else that has the same key with it. */
  readonly isTheCall?: boolean;
  /** Whether the body of a 400 is an answer of the protocol all the same. */
  readonly isAnswer?: (body: string) => boolean;
}

export interface Asking {
  /** The response, after redirects; undefined where it was a failure that `isAnswer`. @throws Failed at any other */
  ask(asked: Asked, signal: AbortSignal): Promise<IncomingMessage | undefined>;
  /** Why a response broke, as the error of the call. */
  broken(error: unknown): Failed;
}

/** Shown of a response that was not expected. */
const EXCERPT_BYTES = 1024;
/** As long may an answer be that comes as a failure. */
const ANSWER_BYTES = 64 * 1024;

/** Asks an HTTP server by the rules of `runner: http`: its addresses, its redirects, and what its errors may show. */
export function createAsking(
  server: HttpServer,
  tool: string,
  context: AttemptContext,
  { exchange, connectTimeoutMs, now }: HttpSetup,
): Asking {
  const { masker, secrets } = context;

  function requestOf({ method, headers, json }: Asked): HttpRequest {
    const own = { "accept-encoding": "identity", ...server.headers, ...headers };
    const body = json === undefined ? {} : { json };
    return {
      method,
      url: server.url,
      headers: own,
      ...body,
      expect: "2xx",
      redirects: MAX_REDIRECTS,
    };
  }

  function outgoing(request: HttpRequest, isTheCall: boolean): Outgoing {
    const to = outgoingOf(request, context);
    if (typeof to === "string")
      throw new Failed({ code: "invalid_input", message: `server.${to}` });
    if (isTheCall) return to;
    const { "idempotency-key": _, ...headers } = to.headers;
    return { ...to, headers };
  }

  function nextOf(to: Outgoing, response: IncomingMessage): Outgoing | undefined {
    const status = response.statusCode ?? 0;
    const next = redirected(to, status, response.headers.location);
    if (next === undefined) return undefined;
    const why = typeof next === "string" ? next : redirectFlaw(to, next);
    if (typeof next === "object" && why === undefined) return next;
    response.destroy();
    throw failed({
      code: "http_failed",
      message: `${describe(to)} was answered with a redirect (${status}) that is not followed: ${why}.`,
      details: { error: "redirect", status },
    });
  }

  function redirectFlaw(from: Outgoing, to: Outgoing): string | undefined {
    if (from.method !== to.method)
      return "it would make a GET of the message; give the address that it leads to";
    const isElsewhere = from.url.origin !== to.url.origin;
    return isElsewhere && secrets !== undefined && to.body !== undefined
      ? "it leads to another origin, and the body may hold secrets"
      : undefined;
  }

  /** @throws Failed where it is no answer */
  async function takeFailure(
    from: Outgoing,
    response: IncomingMessage,
    request: HttpRequest,
    isAnswer: Asked["isAnswer"],
  ): Promise<undefined> {
    const { statusCode: status = 0, statusMessage: phrase = "", headers } = response;
    // A secret that begins in what is shown must be known as one.
    const read = await readStart(response, Math.max(ANSWER_BYTES, masker?.longest ?? 0));
    if (status === 400 && isAnswer?.(read.toString("utf8")) === true) return undefined;
    const start = (masker?.bytes(read) ?? read).subarray(0, EXCERPT_BYTES);
    const wait = retryAfterMs(headers["retry-after"], now());
    const shown = { status, phrase, start, stayed: undefined };
    throw failed(statusError(from, shown, request, wait));
  }

  function brokenTo(error: unknown, to: Outgoing): Failed {
    if (error instanceof Failed) return error;
    return failed(requestError(error, to, { connectTimeoutMs, responseLimitBytes: 0 }));
  }

  function failed(error: WorkError): Failed {
    const message = `The tool "${tool}" could not be called: ${error.message}`;
    return new Failed({ ...error, message });
  }

  return {
    async ask(asked, signal) {
      const request = requestOf(asked);
      let to = outgoing(request, asked.isTheCall === true);
      try {
        for (let left = MAX_REDIRECTS; ; left--) {
          const response = await exchange(to, signal);
          if (isExpected(response.statusCode ?? 0, "2xx")) return response;
          const next = left > 0 ? nextOf(to, response) : undefined;
          if (next === undefined) return await takeFailure(to, response, request, asked.isAnswer);
          response.destroy();
          to = next;
        }
      } catch (error) {
        throw brokenTo(error, to);
      }
    },
    broken: (error) => brokenTo(error, outgoing(requestOf({ method: "POST", headers: {} }), false)),
  };
}
