import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import { AppError } from "@yardmaster/protocol";
import type { RouteReply, RouteRequest } from "../http/index.ts";
import { REPLAYED_HEADER } from "../idempotency/index.ts";
import type { LinkHolder } from "./registry/registry.ts";

/** Says which process has passed a request on: it is passed on once. */
export const FORWARDED_HEADER = "x-yard-forwarded-by";

/** An answer that is larger than any call's: what is no stream is held in memory. */
const MAX_ANSWER_BYTES = 192 * 1024 * 1024;
const CONNECT_MS = 3_000;
/** Headers that the other process must see; hop by hop ones and lengths are each connection's own. */
const PASSED = [
  "authorization",
  "accept",
  "idempotency-key",
  "traceparent",
  "content-type",
] as const;
const STREAMED = /^application\/x-ndjson/;

export interface ForwardDeps {
  readonly processId: () => string;
  /** Name of this machine, as sessions carry it. */
  readonly host: string;
  /** SHA-256 fingerprint of the certificate that all processes of the installation serve; undefined without TLS. */
  readonly fingerprint: () => string | undefined;
}

export type Forward = (
  node: string,
  holder: LinkHolder,
  request: Pick<RouteRequest, "url" | "headers" | "requestId" | "signal"> & {
    readonly method: string;
    readonly body: unknown;
  },
) => Promise<RouteReply>;

/**
 * Passes a request on to the process that holds a node's link, with the caller's own token, and its answer back. A
 * stream is passed on as fast as the caller reads it; a caller who goes away ends the request there as well.
 */
export function createForward(deps: ForwardDeps): Forward {
  return async (node, holder, asked) => {
    const target = addressOf(holder, deps.host);
    if (target === undefined) throw unknownPlace(node, holder);
    const { answer, sent } = send(deps, target, asked);
    const response = await answer.catch((error: unknown) => {
      throw unreachable(node, target, { error, isSent: sent() });
    });
    const headers = headersBack(response);
    const status = response.statusCode ?? 502;
    if (STREAMED.test(headers["content-type"])) {
      response.setEncoding("utf8");
      return {
        status,
        stream: { contentType: headers["content-type"], stallMs: null, chunks: () => response },
      };
    }
    const bytes = await readAll(response).catch((error: unknown) => {
      throw unreachable(node, target, { error, isSent: true });
    });
    return { status, headers, bytes };
  };
}

/** Headers of its answer that the caller must see. */
const PASSED_BACK = ["cache-control", "link", REPLAYED_HEADER] as const;

function headersBack({ headers }: IncomingMessage): { readonly "content-type": string } {
  const passed = PASSED_BACK.flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  const type = headers["content-type"] ?? "application/json";
  return { ...Object.fromEntries(passed), "content-type": type };
}

interface Sent {
  readonly answer: Promise<IncomingMessage>;
  /** Whether the other process may have read the request. */
  sent(): boolean;
}

function send(deps: ForwardDeps, target: URL, asked: Parameters<Forward>[2]): Sent {
  const body = asked.body === undefined ? undefined : Buffer.from(JSON.stringify(asked.body));
  let isConnected = false;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const fingerprint = target.protocol === "https:" ? deps.fingerprint() : undefined;
    const options = {
      method: asked.method,
      headers: headersOf(deps, asked, body),
      signal: asked.signal,
      ...(fingerprint === undefined ? {} : { agent: pinned(fingerprint) }),
    };
    const url = new URL(asked.url, target);
    const onAnswer = (response: IncomingMessage): void => resolve(response);
    const request: ClientRequest =
      target.protocol === "https:"
        ? httpsRequest(url, options, onAnswer)
        : httpRequest(url, options, onAnswer);
    const timer = setTimeout(
      () => request.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
      CONNECT_MS,
    );
    request.once("socket", (socket) => {
      const connected = (): void => {
        isConnected = true;
        clearTimeout(timer);
      };
      // Over TLS nothing is sent before the other process has shown the certificate.
      const isReady =
        !socket.connecting && !("secureConnecting" in socket && socket.secureConnecting);
      const ready = target.protocol === "https:" ? "secureConnect" : "connect";
      if (isReady) connected();
      else socket.once(ready, connected);
    });
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
  return { answer, sent: () => isConnected };
}

function headersOf(
  deps: ForwardDeps,
  { headers, requestId }: Parameters<Forward>[2],
  body: Buffer | undefined,
): Record<string, string | number> {
  const passed = PASSED.flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return {
    ...Object.fromEntries(passed),
    "x-request-id": requestId,
    [FORWARDED_HEADER]: deps.processId(),
    ...(body === undefined ? {} : { "content-length": body.length }),
  };
}

/**
 * Where a process listens, as it is seen from here: one that listens on all addresses is asked on this machine or by
 * the name of its own.
 */
function addressOf({ url, host }: LinkHolder, here: string): URL | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  const target = new URL(url);
  if (target.hostname !== "0.0.0.0" && target.hostname !== "[::]") return target;
  target.hostname = host === here ? "127.0.0.1" : host;
  return target;
}

/** Trusts whoever holds the key of one certificate, whatever name it is for: processes know each other by it. */
function pinned(fingerprint: string): Agent {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (options, done) => {
    const { host, port } = options as { host: string; port: number };
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      const theirs = socket.getPeerX509Certificate()?.fingerprint256;
      if (theirs === fingerprint) done?.(null, socket);
      else socket.destroy(new Error("it serves another certificate than this process"));
    });
    socket.once("error", (error) => done?.(error, socket));
    return undefined;
  };
  return agent;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error("its answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unknownPlace(node: string, { host, processId }: LinkHolder): AppError {
  return new AppError(
    "unavailable",
    `The node ${node} is connected to the server process ${processId} on ${host}, which has not said where it listens. Ask that one, or ask again in a moment.`,
  );
}

function unreachable(
  node: string,
  target: URL,
  { error, isSent }: { readonly error: unknown; readonly isSent: boolean },
): AppError {
  const why = error instanceof Error ? error.message : String(error);
  const where = `The node ${node} is connected to the server process at ${target.origin}, which `;
  // What may have reached the node is not for clients to send again by themselves.
  return isSent
    ? new AppError(
        "node_disconnected",
        `${where}was lost before it answered (${why}). What became of the call is in the audit: yard audit --node ${node}`,
        { cause: error },
      )
    : new AppError(
        "unavailable",
        `${where}does not answer from here (${why}). Ask that one, or ask again.`,
        {
          cause: error,
        },
      );
}
