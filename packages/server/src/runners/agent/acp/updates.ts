import type { AgentUsage } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import type { AgentEvent } from "../agent-event.ts";
import { countIn, given, mapIn, mapsIn, nameIn, numberIn, textIn } from "../programs/fields.ts";
import { createSpoken, type WordsOptions } from "./spoken.ts";
import type { ToolCall, ToolCalls } from "./tool-calls.ts";

/** What an agent says of its work while it works. */
export interface Updates {
  /** The `update` of a `session/update`. What is of no kind that is known says nothing. */
  hear(update: JsonObject): void;
  /** It is asked for something: what it says from now on is about that. */
  begin(): void;
  /** It says no more. */
  end(): void;
  lastWords(): string;
  /** What its conversation has cost, by its own count, as far as it tells. */
  costUsd(): number | undefined;
}

export function createUpdates(
  tools: ToolCalls,
  onEvent: (event: AgentEvent) => void,
  words: WordsOptions,
): Updates {
  const spoken = createSpoken(onEvent, words);
  let told = new Set<string>();
  let lastPlan = "";
  let costUsd: number | undefined;

  function tellTool({ title, kind, input, paths }: ToolCall): void {
    spoken.isInterrupted();
    onEvent({ type: "tool_started", name: title || kind, input: input || paths.join(", ") });
  }

  function hearTool(update: JsonObject): void {
    const { before, call } = tools.hear(update);
    const id = nameIn(update, "toolCallId") ?? "";
    // What is pending without an input is still being written.
    const isKnown = call.status !== "pending" || call.input !== "";
    if (isKnown && !told.has(id)) {
      if (told.size >= MOST_TOLD) told = new Set();
      told.add(id);
      tellTool(call);
    } else spoken.isInterrupted();
    if (call.status === "failed" && before?.status !== "failed")
      onEvent({ type: "tool_failed", why: failureIn(update) });
  }

  function hearPlan(update: JsonObject): void {
    const entries = mapsIn(update, "entries").map(
      (entry) =>
        `${MARKS[textIn(entry, "status") ?? ""] ?? "[ ]"} ${textIn(entry, "content") ?? ""}`,
    );
    const plan = entries.slice(0, MOST_ENTRIES).join("; ");
    if (plan === lastPlan) return;
    lastPlan = plan;
    spoken.flush();
    onEvent({ type: "planned", plan });
  }

  return {
    hear(update) {
      switch (update["sessionUpdate"]) {
        case "agent_message_chunk":
          return spoken.say(textOf(update), nameIn(update, "messageId"));
        case "agent_thought_chunk":
          return spoken.think(textOf(update));
        case "tool_call":
        case "tool_call_update":
          return hearTool(update);
        case "plan":
          return hearPlan(update);
        case "usage_update": {
          const cost = mapIn(update, "cost");
          if (cost["currency"] === "USD") costUsd = numberIn(cost, "amount") ?? costUsd;
          return;
        }
        default:
          return;
      }
    },
    begin: spoken.begin,
    end: spoken.flush,
    lastWords: spoken.lastWords,
    costUsd: () => costUsd,
  };
}

const MARKS: { readonly [status: string]: string | undefined } = {
  completed: "[x]",
  in_progress: "[>]",
};
/** A plan is told in one line of the log. */
const MOST_ENTRIES = 100;
const MOST_TOLD = 1_000;

function textOf(update: JsonObject): string {
  const content = mapIn(update, "content");
  return content["type"] === "text" ? (textIn(content, "text") ?? "") : "";
}

function failureIn(update: JsonObject): string {
  const texts = mapsIn(update, "content").map((one) => textIn(mapIn(one, "content"), "text") ?? "");
  const told = texts.join("\n").trim();
  const { rawOutput } = update;
  if (told !== "" || rawOutput === undefined || rawOutput === null) return told;
  return typeof rawOutput === "string" ? rawOutput : JSON.stringify(rawOutput);
}

/** Tokens, where the answer to a prompt tells them: of the whole conversation. */
export function usageIn(response: JsonObject): AgentUsage | undefined {
  const usage = mapIn(response, "usage");
  const read = given({
    input_tokens: countIn(usage, "inputTokens"),
    cached_input_tokens: countIn(usage, "cachedReadTokens"),
    cache_write_input_tokens: countIn(usage, "cachedWriteTokens"),
    output_tokens: countIn(usage, "outputTokens"),
    reasoning_output_tokens: countIn(usage, "thoughtTokens"),
  });
  return Object.keys(read).length === 0 ? undefined : read;
}
