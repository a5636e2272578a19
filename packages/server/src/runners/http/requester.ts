import type { IncomingHttpHeaders } from "node:http";
import type { WorkError } from "@yardmaster/protocol";
import { isWorkError } from "../runner.ts";
import { createAllowList } from "./allow-list.ts";
import { createExchange } from "./exchange.ts";
import { retryAfterMs } from "./expected.ts";
import { systemResolve } from "./guard.ts";
import type { HttpRunnerOptions } from "./http.ts";
import { requestError } from "./http-error.ts";
import { readBody } from "./incoming.ts";
import type { Outgoing } from "./outgoing.ts";

/** What came back, whatever its status says. Redirects are not followed: they could lead a token elsewhere. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** As `Retry-After` says, from now. */
  readonly retryAfterMs: number | undefined;
}

export interface RequesterOptions extends HttpRunnerOptions {
  /** From the request to the end of the body. */
  readonly timeoutMs: number;
}

/** Sends a request of a feature of the server, to where requests of runs may go too. Never rejects. */
export type Requester = (outgoing: Outgoing, signal?: AbortSignal) => Promise<Reply | WorkError>;

export function createRequester(options: RequesterOptions): Requester {
  const { timeoutMs, connectTimeoutMs = 10_000, responseLimitBytes = 1024 * 1024 } = options;
  const { now = Date.now, resolve = systemResolve } = options;
  const allowed = createAllowList(options.allow ?? []);
  const exchange = createExchange({ allowed, resolve, connectTimeoutMs });

  return async (outgoing, signal) => {
    const late = AbortSignal.timeout(timeoutMs);
    const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
    try {
      const response = await exchange(outgoing, stop);
      const body = await readBody(response, responseLimitBytes);
      const { statusCode: status = 0, headers } = response;
      return { status, headers, body, retryAfterMs: retryAfterMs(headers["retry-after"], now()) };
    } catch (error) {
      if (!late.aborted)
        return requestError(error, outgoing, { connectTimeoutMs, responseLimitBytes });
      const message = `${outgoing.method} ${outgoing.url.origin} was not answered in full within ${timeoutMs / 1_000} s.`;
      return { code: "timed_out", message, details: { timeout_ms: timeoutMs } };
    }
  };
}

export function isReply(answer: Reply | WorkError): answer is Reply {
  return !isWorkError(answer);
}
