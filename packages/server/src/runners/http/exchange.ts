import { Agent, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import { failureCode } from "@yardmaster/protocol";
import type { AllowList } from "./allow-list.ts";
import { checkLiteral, guardedLookup, type Resolve } from "./guard.ts";
import type { Outgoing } from "./outgoing.ts";

/** Idle connections are closed before servers do it (Node's own after 5 s): a request would meet the closing. */
const IDLE_MS = 4_000;
const MAX_IDLE_PER_ORIGIN = 16;
/** Idle connections that a request may find closed, one after the other, before it has one of its own. */
const MAX_STALE = 3;

const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

export interface ExchangeOptions {
  readonly allowed: AllowList;
  readonly resolve: Resolve;
  /** For the name's lookup, the connection and TLS together. */
  readonly connectTimeoutMs: number;
}

/** Sends one request and answers with the head of its response, whose body is still to come. */
export type Exchange = (outgoing: Outgoing, signal: AbortSignal) => Promise<IncomingMessage>;

/** No connection came to be in time. */
export class ConnectTimeout extends Error {}

/** Connections are kept for each origin, as Node's agents do, and made only where the allow list lets them. */
export function createExchange(options: ExchangeOptions): Exchange {
  const kept = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: MAX_IDLE_PER_ORIGIN };
  const agents = { "http:": new Agent(kept), "https:": new TlsAgent(kept) };

  async function exchange(
    outgoing: Outgoing,
    signal: AbortSignal,
    stale = 0,
  ): Promise<IncomingMessage> {
    const sent = send(outgoing, signal);
    try {
      return await sent.response;
    } catch (error) {
      const isStale = sent.wasReused() && isReset(error) && !signal.aborted;
      if (!isStale || stale >= MAX_STALE || !REPEATABLE.has(outgoing.method)) throw error;
      return await exchange(outgoing, signal, stale + 1);
    }
  }

  function send({ method, url, headers, body }: Outgoing, signal: AbortSignal) {
    const isTls = url.protocol === "https:";
    const port = Number(url.port) || (isTls ? 443 : 80);
    checkLiteral(url.hostname, port, options.allowed);
    const request = (isTls ? requestHttps : requestHttp)(url, {
      method,
      headers: { ...headers, ...(body && { "content-length": String(body.length) }) },
      agent: agents[isTls ? "https:" : "http:"],
      lookup: guardedLookup(port, options.allowed, options.resolve),
      signal,
    });
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.on("error", reject);
    });
    request.once("socket", (socket) => {
      if (request.reusedSocket) return;
      const timer = setTimeout(
        () => request.destroy(new ConnectTimeout("no connection")),
        options.connectTimeoutMs,
      );
      const clear = () => clearTimeout(timer);
      socket.once(isTls ? "secureConnect" : "connect", clear).once("close", clear);
    });
    request.end(body);
    return { response, wasReused: () => request.reusedSocket };
  }

  return (outgoing, signal) => exchange(outgoing, signal);
}

function isReset(error: unknown): boolean {
  const code = failureCode(error);
  return code === "ECONNRESET" || code === "EPIPE";
}
