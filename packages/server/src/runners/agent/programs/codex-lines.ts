import {
  AGENT_USAGE,
  type AgentOutcome,
  type AgentUsage,
  type JsonSchema,
} from "@yardmaster/kernel";
import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { parseForeignJson } from "../../../json/index.ts";
import type { AgentEnded, AgentEvent } from "../agent-event.ts";
import { countIn, given, mapIn, mapsIn, nameIn, textIn } from "./fields.ts";
import { withoutNulls } from "./without-nulls.ts";

/** It tells errors in words alone. The first that fits counts: a usage limit speaks of credits as well. */
const FAILURES: readonly (readonly [RegExp, AgentOutcome])[] = [
  [/usage limit|rate limit|too many requests|\b429\b/i, "rate_limited"],
  [/\b401\b|\b403\b|unauthorized|api key|not logged in|log ?in again/i, "auth"],
  [/quota|billing|credits/i, "billing"],
  [/high demand|overloaded|\b50[0234]\b|stream disconnected|connection/i, "overloaded"],
  [/\b400\b|\b404\b|model .*not (?:found|supported|exist)|invalid.request/i, "config"],
];

/**
 * Reads what `codex exec --json` prints, one JSON object a line (`ThreadEvent` of @openai/codex-sdk). The answer is its
 * last message. Tokens are those of the whole conversation: one that was gone on with counts what was before.
 */
export function readCodex(answer: JsonSchema | undefined) {
  let lastSaid: string | undefined;

  return (line: JsonObject): readonly AgentEvent[] => {
    switch (line["type"]) {
      case "thread.started": {
        const session = nameIn(line, "thread_id");
        return session === undefined ? [] : [{ type: "session_started", session }];
      }
      case "item.started":
        return startedItem(mapIn(line, "item"));
      case "item.completed": {
        const item = mapIn(line, "item");
        if (item["type"] === "agent_message") lastSaid = textIn(item, "text");
        return completedItem(item);
      }
      case "error":
        return [readError(textIn(line, "message") ?? "an error")];
      case "turn.completed":
        return [ended(lastSaid, answer, usageOf(mapIn(line, "usage")))];
      case "turn.failed": {
        const text = textIn(mapIn(line, "error"), "message") ?? "it said nothing of why";
        return [{ type: "ended", outcome: failureOf(text), text }];
      }
      default:
        return [];
    }
  };
}

/** What takes time begins with a line of its own. */
function startedItem(item: JsonObject): readonly AgentEvent[] {
  switch (item["type"]) {
    case "command_execution":
      return [{ type: "tool_started", name: "command", input: textIn(item, "command") ?? "" }];
    case "mcp_tool_call": {
      const name = `${textIn(item, "server") ?? ""}.${textIn(item, "tool") ?? ""}`;
      return [{ type: "tool_started", name, input: JSON.stringify(item["arguments"] ?? {}) }];
    }
    default:
      return [];
  }
}

function completedItem(item: JsonObject): readonly AgentEvent[] {
  switch (item["type"]) {
    case "agent_message":
      return [{ type: "said", text: textIn(item, "text") ?? "" }];
    case "reasoning":
      return [{ type: "thought", text: textIn(item, "text") ?? "" }];
    case "command_execution":
      return failedTool(item, textIn(item, "aggregated_output") ?? "");
    case "mcp_tool_call":
      return failedTool(item, textIn(mapIn(item, "error"), "message") ?? "");
    case "file_change": {
      const changes = mapsIn(item, "changes").map(
        (change) => `${textIn(change, "kind") ?? ""} ${textIn(change, "path") ?? ""}`,
      );
      const started = { type: "tool_started", name: "file_change", input: changes.join(", ") };
      return [started as AgentEvent, ...failedTool(item, "the change was not made")];
    }
    case "web_search":
      return [{ type: "tool_started", name: "web_search", input: textIn(item, "query") ?? "" }];
    case "error":
      return [{ type: "notice", text: textIn(item, "message") ?? "" }];
    default:
      return [];
  }
}

function failedTool(item: JsonObject, why: string): readonly AgentEvent[] {
  if (item["status"] === "declined")
    return [{ type: "tool_denied", name: textIn(item, "command") ?? "a tool" }];
  if (item["status"] !== "failed") return [];
  const exit = countIn(item, "exit_code");
  return [{ type: "tool_failed", why: exit === undefined ? why : `exit code ${exit}: ${why}` }];
}

/** `Reconnecting... 2/5 (why)`: it tries again by itself, and says when it has given up. */
function readError(message: string): AgentEvent {
  const [, attempt, why] = /^Reconnecting\.\.\. (\d+)\/\d+ \((.*)\)$/s.exec(message) ?? [];
  if (attempt === undefined) return { type: "notice", text: message };
  return { type: "provider_retry", attempt: Number(attempt), why: why ?? message };
}

/** What an error is stands at its beginning; patterns that are sought in all of a long text hold the worker. */
const MOST_CHARS = 2_000;

function failureOf(message: string): AgentOutcome {
  const beginning = message.slice(0, MOST_CHARS);
  return FAILURES.find(([pattern]) => pattern.test(beginning))?.[1] ?? "error";
}

function ended(
  said: string | undefined,
  answer: JsonSchema | undefined,
  usage: AgentUsage,
): AgentEnded {
  const facts = { usage, ...given({ text: said }) };
  if (answer === undefined) return { type: "ended", outcome: "completed", ...facts };
  const read = parseForeignJson(said ?? "");
  if (!read.ok || !isJsonObject(read.value)) {
    const text = `it gave no answer of the form that it was asked for; it said: ${said ?? "nothing"}`;
    return { type: "ended", outcome: "error", usage, text };
  }
  const own = withoutNulls(read.value, answer as Json);
  return { type: "ended", outcome: "completed", answer: own, ...facts };
}

function usageOf(usage: JsonObject): AgentUsage {
  return given(Object.fromEntries(AGENT_USAGE.map((name) => [name, countIn(usage, name)])));
}
