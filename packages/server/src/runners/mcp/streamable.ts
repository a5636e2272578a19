import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { ownTurn } from "../../json/index.ts";
import { readBody, TooLargeBody } from "../http/incoming.ts";
import { Failed } from "../rpc/failed.ts";
import { type Message, readMessages } from "../rpc/message.ts";
import type { Asking } from "./asking.ts";
import { type ToolCall, WITHOUT_SESSION, type Wire } from "./call.ts";
import { tooLong } from "./end-text.ts";
import { trouble } from "./failed.ts";
import { createEventReader } from "./sse.ts";

export interface HttpWire extends Wire {
  /** Ends the session, where the server has given one. Never rejects. */
  close(): Promise<void>;
}

export interface HttpWireDeps {
  readonly asking: Asking;
  readonly tool: ToolCall;
  readonly receive: (message: Message) => void;
  /** Whether the request of this id has its answer. */
  readonly isAnswered: (id: number) => boolean;
  /** Ends what is under way; that it is wanted no longer is said all the same. */
  readonly signal: AbortSignal;
  readonly maxMessageBytes: number;
}

/** For a word at parting nobody waits longer. */
const GOODBYE_MS = 2_000;
/** How often a stream that ended before its answer is asked for again without anything new. */
const MAX_RESUMES = 5;
const RESUME_MS = 1_000;
const MAX_RESUME_MS = 60_000;
/** Whoever says 0, and ends each stream with something new, would be asked without rest until the call's time is over. */
const MIN_RESUME_MS = 100;

/** What a header takes: by any other id the stream cannot be asked for again. */
const SENDABLE = /^[\x20-\x7e]{1,1024}$/;

/** The way to a server over Streamable HTTP: each message is a POST, answered with JSON or with a stream of events. */
export function createHttpWire(deps: HttpWireDeps): HttpWire {
  const { asking, tool, receive, isAnswered, signal, maxMessageBytes } = deps;
  let session: string | undefined;
  let version: string | undefined;

  function headers(message: JsonObject = {}) {
    return {
      accept: "application/json, text/event-stream",
      ...(session !== undefined && { "mcp-session-id": session }),
      ...(version !== undefined && { "mcp-protocol-version": version }),
      ...(version === WITHOUT_SESSION && routed(message)),
    };
  }

  async function readAnswer(id: number, response: IncomingMessage): Promise<void> {
    const type = response.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (type === "text/event-stream") return await readStream(id, response);
    if (type !== "application/json") {
      response.destroy();
      throw ofProtocol(`answered with ${type ?? "no content type"}, not with JSON or events`);
    }
    const body = await readBody(response, maxMessageBytes).catch((error: unknown) => {
      throw error instanceof TooLargeBody ? tooMuch() : asking.broken(error);
    });
    await ownTurn(body.length);
    take(body.toString("utf8"));
    if (!isAnswered(id)) throw ofAnother();
  }

  /** A stream may break, or be ended by its server to be asked for again: as long as its events have ids. */
  async function readStream(id: number, first: IncomingMessage): Promise<void> {
    let response = first;
    let lastId: string | undefined;
    let waitMs = RESUME_MS;
    const on = {
      event(event: { readonly data: string; readonly id: string | undefined }) {
        if (event.id !== undefined && SENDABLE.test(event.id)) lastId = event.id;
        if (event.data !== "") take(event.data);
      },
      retryMs(ms: number) {
        waitMs = Math.min(Math.max(ms, MIN_RESUME_MS), MAX_RESUME_MS);
      },
    };
    for (let tries = 0; ; tries++) {
      const before = lastId;
      const failure = await readEvents(response, on, () => isAnswered(id));
      if (isAnswered(id)) return;
      if (failure instanceof Failed) throw failure;
      if (lastId !== before) tries = 0;
      if (lastId === undefined || signal.aborted || tries >= MAX_RESUMES)
        throw failure === undefined ? ended() : asking.broken(failure);
      await pause(waitMs, undefined, { signal }).catch(() => {});
      const again = { ...headers(), "last-event-id": lastId };
      const more = await asking.ask({ method: "GET", headers: again }, signal);
      if (more === undefined) return;
      response = more;
    }
  }

  /** Resolves at the end of the stream, or as soon as there is the answer; with what broke it, if anything did. */
  async function readEvents(
    response: IncomingMessage,
    on: Pick<Parameters<typeof createEventReader>[0], "event" | "retryMs">,
    isDone: () => boolean,
  ): Promise<unknown> {
    let isTooLong = false;
    const tooLongOne = (): void => {
      isTooLong = true;
    };
    const reader = createEventReader({ ...on, tooLong: tooLongOne }, maxMessageBytes);
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        reader.write(chunk);
        if (isTooLong || isDone()) break;
      }
    } catch (error) {
      return error;
    } finally {
      response.destroy();
    }
    return isTooLong ? tooMuch() : undefined;
  }

  function take(text: string): void {
    const said = readMessages(text);
    if (!said.ok) throw ofProtocol(`sent what cannot be read: ${said.problem}`);
    said.messages.forEach(receive);
  }

  function isAnswer(body: string): boolean {
    const said = readMessages(body);
    if (!said.ok || !said.messages.every(({ kind }) => kind === "error")) return false;
    said.messages.forEach(receive);
    return true;
  }

  function tooMuch(): Failed {
    return new Failed(tooLong(tool, maxMessageBytes));
  }

  function ended(): Failed {
    const told = `${tool.server} ended its stream of events before its tool "${tool.tool}" had answered.`;
    return new Failed(trouble("ended", told));
  }

  function ofAnother(): Failed {
    return ofProtocol("answered something else than it was asked");
  }

  function ofProtocol(what: string): Failed {
    return new Failed(trouble("protocol", `${tool.server} ${what}. Is it an MCP server?`));
  }

  return {
    async send(message) {
      const { method, id } = message;
      const isGoodbye = method === "notifications/cancelled";
      const until = isGoodbye ? AbortSignal.timeout(GOODBYE_MS) : signal;
      // Without a session, that the request is broken off says it.
      if (isGoodbye && version === WITHOUT_SESSION) return;
      const asked = { method: "POST", headers: headers(message), json: message, isAnswer } as const;
      const response = await asking.ask({ ...asked, isTheCall: method === "tools/call" }, until);
      if (response === undefined) {
        if (typeof id === "number" && method !== undefined && !isAnswered(id)) throw ofAnother();
        return;
      }
      if (method === "initialize") session = sessionOf(response);
      if (typeof id === "number" && method !== undefined) await readAnswer(id, response);
      else if (response.statusCode === 202) response.resume();
      else response.destroy();
    },
    agreed: (agreed) => {
      version = agreed;
    },
    async close() {
      if (session === undefined) return;
      // A server that lets nobody end a session says so (405), which is its right.
      await asking
        .ask({ method: "DELETE", headers: headers() }, AbortSignal.timeout(GOODBYE_MS))
        .then(
          (response) => response?.destroy(),
          () => {},
        );
    },
  };
}

/** What a message says, for those who do not read bodies. */
function routed({ method, params }: JsonObject) {
  const name = isJsonObject(params) ? params["name"] : undefined;
  return {
    ...(typeof method === "string" && { "mcp-method": method }),
    ...(typeof name === "string" && { "mcp-name": headerText(name) }),
  };
}

function headerText(text: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return text;
  return `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

function sessionOf({ headers }: IncomingMessage): string | undefined {
  const id = headers["mcp-session-id"];
  return typeof id === "string" && /^[\x21-\x7e]{1,1024}$/.test(id) ? id : undefined;
}
