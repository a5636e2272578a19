import { type AgentRequest, type AgentSpec, compileValidator } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import { VERSION } from "../../../version.ts";
import { Failed } from "../../rpc/failed.ts";
import { messageOf } from "../../rpc/message.ts";
import { type Answer, createSession, Refused } from "../../rpc/session.ts";
import type { AgentEnded, AgentEvent } from "../agent-event.ts";
import { given, mapIn, mapsIn, nameIn, textIn } from "../programs/fields.ts";
import { askedAgain, askedFor, readAnswer } from "./answer.ts";
import { endingOf, refusalOf } from "./endings.ts";
import { CANCELLED, chosen, decide } from "./permission.ts";
import type { WordsOptions } from "./spoken.ts";
import { createToolCalls } from "./tool-calls.ts";
import { createUpdates, usageIn } from "./updates.ts";

/*
 * The client's side of the Agent Client Protocol (agentclientprotocol.com, version 1) for one prompt: initialize,
 * session/new or one that is gone on with, session/prompt, and an end. Nothing is offered to the agent: it reads, writes
 * and runs by its own means, and asks whether it may.
 */

const PROTOCOL = 1;
const WHO = { name: "yardmaster", title: "Yardmaster", version: VERSION };
const CAPABILITIES = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
const INVALID_PARAMS = -32_602;

export interface ConversationDeps {
  readonly spec: AgentSpec;
  readonly request: AgentRequest;
  /** Where it works; absolute. */
  readonly folder: string;
  /** Whether a path leads into that folder. */
  readonly isInside: (path: string) => boolean;
  readonly onEvent: (event: AgentEvent) => void;
  /** It has answered: it speaks the protocol. */
  readonly onIntroduced: () => void;
  readonly words: WordsOptions;
}

export interface Conversation {
  /** Speaks with it by `write`. Resolves when there is nothing more to say, with `ended` told; never rejects. */
  hold(write: (line: string) => void): Promise<void>;
  /** A line of it. @throws Error where it is no message */
  hear(line: JsonObject): void;
  /** Has it break off. Resolves when it has; it may never. */
  cancel(): Promise<void>;
}

export function createConversation(deps: ConversationDeps): Conversation {
  const { spec, request, folder, isInside, onEvent, words } = deps;
  const tools = createToolCalls();
  const updates = createUpdates(tools, onEvent, words);
  let write = (_: string): void => {};
  let sessionId: string | undefined;
  /** What it says counts: before, it may repeat an earlier conversation. */
  let isAsked = false;
  let isCanceled = false;
  let turn: Promise<unknown> = Promise.resolve();
  let isInTurn = false;
  /** By what it says that people can be logged in. */
  let ways: readonly string[] = [];

  const session = createSession(
    { send: async (message) => write(`${JSON.stringify(message)}\n`) },
    {
      offered: (method, params) =>
        method === "session/request_permission" ? permit(params) : undefined,
      notified(method, params) {
        if (method === "session/update" && isOurs(params) && isAsked)
          updates.hear(mapIn(params, "update"));
      },
      askedTooMuch: (what) => ({ code: "agent_failed", message: `it asked for ${what}` }),
    },
  );

  function isOurs(params: JsonObject): boolean {
    return sessionId !== undefined && params["sessionId"] === sessionId;
  }

  function permit(params: JsonObject): Answer {
    const { call } = tools.hear(mapIn(params, "toolCall"));
    if (isCanceled) return { result: CANCELLED };
    if (!isAsked || !isOurs(params))
      return { error: { code: INVALID_PARAMS, message: "There is no such session" } };
    const decision = decide(spec.profile.permissions, call, isInside);
    const answer = chosen(params, decision);
    const name = call.title || call.kind;
    updates.end();
    if (decision.isAllowed && answer !== undefined) onEvent({ type: "tool_allowed", name });
    else {
      const why = decision.isAllowed ? "it asks for no leave for this once" : decision.why;
      onEvent({ type: "tool_denied", name, why });
    }
    // Allowed once is not offered: it is refused, if there is a way to.
    const refused = answer ?? chosen(params, { isAllowed: false, why: "" });
    return { result: refused ?? CANCELLED };
  }

  async function introduce(): Promise<JsonObject> {
    const hello = await session.request("initialize", {
      protocolVersion: PROTOCOL,
      clientCapabilities: CAPABILITIES,
      clientInfo: WHO,
    });
    const { protocolVersion } = hello;
    ways = mapsIn(hello, "authMethods").flatMap((way) => nameIn(way, "name") ?? []);
    if (protocolVersion === PROTOCOL) return hello;
    const version = JSON.stringify(protocolVersion ?? null).slice(0, 40);
    throw new Ended(
      "config",
      `it speaks version ${version} of the Agent Client Protocol; here ${PROTOCOL} is spoken`,
    );
  }

  async function enter(hello: JsonObject): Promise<void> {
    const where = { cwd: folder, mcpServers: [] };
    const earlier = request.session;
    const can = mapIn(hello, "agentCapabilities");
    const isResumed = typeof mapIn(can, "sessionCapabilities")["resume"] === "object";
    const way = isResumed ? "session/resume" : "session/load";
    if (earlier !== undefined && !isResumed && can["loadSession"] !== true)
      throw new Ended("config", "it cannot go on with an earlier conversation: leave session out");
    const entered =
      earlier === undefined
        ? await session.request("session/new", where)
        : await session.request(way, { ...where, sessionId: earlier });
    sessionId = earlier ?? nameIn(entered, "sessionId");
    if (sessionId === undefined) throw new Ended("error", "it gave its conversation no name");
    const about = {
      model: modelIn(entered),
      version: nameIn(mapIn(hello, "agentInfo"), "version"),
    };
    onEvent({ type: "session_started", session: sessionId, ...given(about) });
  }

  async function ask(text: string): Promise<JsonObject> {
    updates.begin();
    isAsked = true;
    isInTurn = true;
    const asking = session.request("session/prompt", {
      sessionId: sessionId ?? "",
      prompt: [{ type: "text", text }],
    });
    turn = asking.catch(() => {});
    const response = await asking;
    isInTurn = false;
    updates.end();
    return response;
  }

  /** Asks, and once more where the answer is of another form than was asked for. */
  async function converse(): Promise<AgentEnded> {
    const { answer } = spec;
    let response = await ask(askedFor(request.prompt, answer));
    const first = endedBy(response);
    if (answer === undefined || first.outcome !== "completed") return first;
    const validator = compileValidator(answer);
    let read = readAnswer(updates.lastWords(), validator);
    if (!read.ok && !isCanceled) {
      onEvent({ type: "notice", text: `it is asked again for its answer: ${read.problem}` });
      response = await ask(askedAgain(read.problem));
      if (endedBy(response).outcome !== "completed") return endedBy(response);
      read = readAnswer(updates.lastWords(), validator);
    }
    const ended = endedBy(response);
    if (read.ok) return { ...ended, answer: read.answer };
    const said = updates.lastWords() || "nothing";
    const text = `it gave no answer of the form that it was asked for, twice (${read.problem}); it said: ${said}`;
    return { ...ended, outcome: "error", text };
  }

  function endedBy(response: JsonObject): AgentEnded {
    const ending = endingOf(textIn(response, "stopReason"));
    const facts = given({ costUsd: updates.costUsd(), usage: usageIn(response) });
    return { type: "ended", ...given({ text: updates.lastWords() }), ...ending, ...facts };
  }

  async function whole(): Promise<AgentEnded> {
    let doing = "it would not introduce itself";
    try {
      const hello = await introduce();
      deps.onIntroduced();
      doing =
        request.session === undefined
          ? "it would not begin a conversation"
          : "it would not go on with the conversation";
      await enter(hello);
      doing = "it gave up";
      return await converse();
    } catch (error) {
      if (error instanceof Ended) return error.ended;
      if (error instanceof Refused) return refusalOf(doing, error, ways);
      if (error instanceof Failed) return new Ended("error", error.message).ended;
      throw error;
    }
  }

  return {
    async hold(writes) {
      write = writes;
      const ended = await whole().catch(
        (error: unknown) => new Ended("error", String(error)).ended,
      );
      isAsked = false;
      // How it ends what it was told to break off is no end of its work.
      if (isCanceled) return;
      updates.end();
      onEvent(ended);
    },
    hear(line) {
      // Some answer null where nothing is to be said.
      const message = messageOf(line["result"] === null ? { ...line, result: {} } : line);
      if (message === undefined) throw new Error("no message of the protocol (a4c1)");
      session.receive(message);
    },
    async cancel() {
      isCanceled = true;
      if (!isInTurn || sessionId === undefined) return;
      await session.notify("session/cancel", { sessionId }).catch(() => {});
      await turn;
    },
  };
}

/** How it ended, before its work had an end of its own. */
class Ended extends Error {
  readonly ended: AgentEnded;

  constructor(outcome: AgentEnded["outcome"], text: string) {
    super(text);
    this.ended = { type: "ended", outcome, text };
  }
}

/** The model that it works with, where it lets people choose one. */
function modelIn(entered: JsonObject): string | undefined {
  const choice = mapsIn(entered, "configOptions").find((one) => one["category"] === "model");
  return choice && nameIn(choice, "currentValue");
}
