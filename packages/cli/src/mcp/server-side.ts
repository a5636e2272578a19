import { AppError, failureCode, isAppError } from "@yardmaster/protocol/core";
import type { ServerAddress } from "../find-server.ts";
import { eventData } from "./event-stream.ts";
import { isOfEarlierRevision, type Message, protocolHeaders } from "./json-rpc.ts";

/** A server that is started again is back within it. */
const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

export interface ServerSideDeps {
  /** Asked anew for each try: a server that was started again may be elsewhere. */
  readonly find: () => Promise<ServerAddress>;
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

export function createServerSide({ find, pause, nowMs, say }: ServerSideDeps): ServerSide {
  let version: string | undefined;
  let session: string | undefined;
  let isAway = false;
  let lastUrl = "";

  async function ask(init: RequestInit, own: Record<string, string>): Promise<Response> {
    const { url, token } = await find();
    lastUrl = url;
    const headers = {
      accept: "application/json, text/event-stream",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(session !== undefined && { "mcp-session-id": session }),
      ...own,
    };
    const response = await fetch(new URL("/mcp", url), { ...init, headers });
    if (response.status === 503) throw refusalOf(503, await response.text());
    if (isAway) say("the server is there again");
    isAway = false;
    return response;
  }

  async function askPatiently(
    init: RequestInit & { readonly signal: AbortSignal },
    own: Record<string, string>,
    isRepeatable: boolean,
  ): Promise<Response> {
    const untilMs = nowMs() + PATIENCE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        return await ask(init, own);
      } catch (error) {
        if (init.signal.aborted) throw error;
        const away = awayOf(error, lastUrl, isRepeatable);
        if (away === undefined) throw error;
        if (!isAway) say(`${away.message} (waiting for it)`);
        isAway = true;
        if (nowMs() + pauseMs > untilMs) throw away;
        await pause(pauseMs, init.signal);
      }
    }
  }

  async function* send(
    text: string,
    message: Message,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const headers = { "content-type": "application/json", ...protocolHeaders(message, version) };
    const isRepeatable = message.method !== "tools/call";
    const response = await askPatiently(
      { method: "POST", body: text, signal },
      headers,
      isRepeatable,
    );
    const isInitialize = message.method === "initialize";
    if (isInitialize) session = response.headers.get("mcp-session-id") ?? undefined;
    for await (const line of linesOf(response)) {
      if (isInitialize) version = versionIn(line) ?? version;
      yield line;
    }
  }

  async function* listen(signal: AbortSignal): AsyncGenerator<string> {
    const response = await ask({ method: "GET", signal }, protocolHeaders({}, version));
    if (!response.ok) throw refusalOf(response.status, await response.text());
    yield* linesOf(response);
  }

  return { send, listen };
}

/** Undefined of what is no absence. What was sent may have been carried out, unless no connection came to be. */
function awayOf(error: unknown, url: string, isRepeatable: boolean): AppError | undefined {
  if (isAppError(error)) return error.code === "unavailable" ? error : undefined;
  const code = failureCode((error as { readonly cause?: unknown }).cause) ?? "";
  const isUnsent = NEVER_SENT.has(code);
  if (!isUnsent && !isRepeatable) {
    const message =
      "The connection to the server broke, and what was asked may have been done: look before you ask again";
    throw new AppError("unavailable", message, { cause: error });
  }
  return new AppError(
    "unavailable",
    `The server at ${url} cannot be reached${code && ` (${code})`}`,
    {
      cause: error,
    },
  );
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

function versionIn(line: string): string | undefined {
  const { result } = JSON.parse(line) as {
    readonly result?: { readonly protocolVersion?: string };
  };
  return result?.protocolVersion;
}

/** Whether a client says by it that it may be told of changes. */
export function mayBeTold(message: Message): boolean {
  return message.method === "notifications/initialized" && isOfEarlierRevision(message);
}
