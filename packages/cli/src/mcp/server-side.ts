import { randomUUID } from "node:crypto";
import { AppError, failureCode, isAppError } from "@yardmaster/protocol/core";
import type { TraceContext } from "@yardmaster/sdk";
import type { ServerAddress } from "../find-server.ts";
import { eventData } from "./event-stream.ts";
import { isOfEarlierRevision, isRequest, type Message, protocolHeaders } from "./json-rpc.ts";

/** A server that has answered before is back within it, on a busy machine too: nine seconds were seen. */
const PATIENCE_MS = 30_000;
/** One that has not may be none. */
const FIRST_PATIENCE_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

export interface ServerSideDeps {
  /** Asked anew for each try: a server that was started again may be elsewhere. */
  readonly find: () => Promise<ServerAddress>;
  /** Of the step whose program a client is, where it is one. */
  readonly trace: TraceContext | undefined;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
  /** Told once when the server is away, and once when it is there again. */
  readonly say: (text: string) => void;
}

/** The server's `/mcp`, over HTTP. */
export interface ServerSide {
  /**
   * Sends a message and gives what is answered, each as a line of JSON. Waits for a server that is away, for a while.
   * @throws AppError
   */
  send(text: string, message: Message, signal: AbortSignal): AsyncGenerator<string>;
  /** What the server says by itself, in the revisions before 2026-07-28; ends with the connection. @throws AppError */
  listen(signal: AbortSignal): AsyncGenerator<string>;
}

export function createServerSide({ find, trace, pause, nowMs, say }: ServerSideDeps): ServerSide {
  let version: string | undefined;
  let session: string | undefined;
  let isAway = false;
  let hasAnswered = false;
  let lastUrl = "";

  async function ask(init: RequestInit, own: Record<string, string>): Promise<Response> {
    const { url, token } = await find();
    lastUrl = url;
    const headers = {
      accept: "application/json, text/event-stream",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(session !== undefined && { "mcp-session-id": session }),
      ...(trace !== undefined && { traceparent: trace.traceparent }),
      ...(trace?.tracestate !== undefined && { tracestate: trace.tracestate }),
      ...own,
    };
    const response = await fetch(new URL("/mcp", url), { ...init, headers });
    if (response.status === 503) throw refusalOf(503, await response.text());
    if (isAway) say("the server is there again");
    isAway = false;
    hasAnswered = true;
    return response;
  }

  /** Asks again for as long as it is patient, until the request is answered whole. */
  async function* send(
    text: string,
    message: Message,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const own = {
      "content-type": "application/json",
      // So that it can be asked again after a connection that broke, whatever became of it.
      ...(message.method === "tools/call" && { "idempotency-key": randomUUID() }),
      ...protocolHeaders(message, version),
    };
    const untilMs = nowMs() + (hasAnswered ? PATIENCE_MS : FIRST_PATIENCE_MS);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        yield* answersTo(message, await ask({ method: "POST", body: text, signal }, own));
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        const away = awayOf(error, { url: lastUrl, isBatch: Array.isArray(message) });
        if (away === undefined) throw error;
        if (!isAway) say(`${away.message} (waiting for it)`);
        isAway = true;
        if (nowMs() + pauseMs > untilMs) throw away;
        await pause(pauseMs, signal);
      }
    }
  }

  async function* answersTo(message: Message, response: Response): AsyncGenerator<string> {
    const isInitialize = message.method === "initialize";
    if (isInitialize) session = response.headers.get("mcp-session-id") ?? undefined;
    let isAnswered = !isRequest(message);
    for await (const line of linesOf(response)) {
      const said = JSON.parse(line) as Said;
      if (isInitialize) version = said.result?.protocolVersion ?? version;
      if (said.method === undefined) isAnswered = true;
      yield line;
    }
    if (!isAnswered) throw new Error("the answer has ended before it came");
  }

  async function* listen(signal: AbortSignal): AsyncGenerator<string> {
    const response = await ask({ method: "GET", signal }, protocolHeaders({}, version));
    if (!response.ok) throw refusalOf(response.status, await response.text());
    yield* linesOf(response);
  }

  return { send, listen };
}

interface Said {
  readonly method?: string;
  readonly result?: { readonly protocolVersion?: string };
}

/** Undefined of what is no absence. A batch has no key, so what it asked may be asked once alone. */
function awayOf(
  error: unknown,
  { url, isBatch }: { readonly url: string; readonly isBatch: boolean },
): AppError | undefined {
  if (isAppError(error)) return error.code === "unavailable" ? error : undefined;
  const code = failureCode((error as { readonly cause?: unknown }).cause) ?? "";
  if (isBatch && !NEVER_SENT.has(code)) {
    const message =
      "The connection to the server broke, and what was asked may have been done: look before you ask again";
    throw new AppError("unavailable", message, { cause: error });
  }
  const why = code === "" ? "" : ` (${code})`;
  return new AppError("unavailable", `The server at ${url} cannot be reached${why}`, {
    cause: error,
  });
}

const NEVER_SENT: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  "UND_ERR_CONNECT_TIMEOUT",
]);

async function* linesOf(response: Response): AsyncGenerator<string> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream") && response.body !== null) {
    const body = response.body as AsyncIterable<Uint8Array>;
    for await (const data of eventData(body)) yield inOneLine(data);
    return;
  }
  const text = await response.text();
  if (!response.ok && !isMessage(text)) throw refusalOf(response.status, text);
  if (text !== "") yield inOneLine(text);
}

/** What the protocol itself refuses is told in its own words. */
function isMessage(text: string): boolean {
  return jsonOf(text)?.["jsonrpc"] === "2.0";
}

function refusalOf(status: number, text: string): AppError {
  const { code, detail } = (jsonOf(text) ?? {}) as { code?: AppError["code"]; detail?: string };
  if (code !== undefined && detail !== undefined) return new AppError(code, detail);
  const message = `What answers at the server's address does not speak as a Yardmaster server does (HTTP ${status})`;
  return new AppError(status >= 500 ? "unavailable" : "internal", message);
}

function jsonOf(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    return JSON.parse(text) as { readonly [key: string]: unknown };
  } catch {
    return undefined;
  }
}

function inOneLine(text: string): string {
  return /[\r\n]/.test(text) ? JSON.stringify(JSON.parse(text)) : text;
}

/** Whether a client says by it that it may be told of changes. */
export function mayBeTold(message: Message): boolean {
  return message.method === "notifications/initialized" && isOfEarlierRevision(message);
}
