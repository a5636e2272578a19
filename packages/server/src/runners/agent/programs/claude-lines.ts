import type { AgentOutcome, AgentUsage, JsonSchema } from "@yardmaster/kernel";
import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import type { AgentEnded, AgentEvent } from "../agent-event.ts";
import {
  countIn,
  given,
  mapIn,
  mapsIn,
  nameIn,
  numberIn,
  textIn,
  textsIn,
  timeIn,
} from "./fields.ts";

/** What its class of an error (`SDKAssistantMessageError`) means; the others pass, or are told as they are. */
const ERRORS: { readonly [error: string]: AgentOutcome | undefined } = {
  rate_limit: "rate_limited",
  overloaded: "overloaded",
  server_error: "overloaded",
  authentication_failed: "auth",
  oauth_org_not_allowed: "auth",
  account_on_hold: "auth",
  verification_required: "auth",
  cloud_credential_error: "auth",
  billing_error: "billing",
  invalid_request: "config",
  model_not_found: "config",
};

/** Of these it tries ten times over some minutes, and has none of them mended by then. */
const FINAL: readonly (AgentOutcome | undefined)[] = ["auth", "billing", "config"];
/** A login that has run out is renewed at the first refusal. */
const FINAL_FROM_TRY = 3;

const REASONS: { readonly [reason: string]: AgentOutcome | undefined } = {
  max_turns: "turn_limit",
  budget_exhausted: "budget",
  prompt_too_long: "config",
  blocking_limit: "rate_limited",
};

const SUBTYPES: { readonly [subtype: string]: AgentOutcome | undefined } = {
  error_max_turns: "turn_limit",
  error_max_budget_usd: "budget",
};

/**
 * Reads what `claude --output-format stream-json` prints, one JSON object a line (`SDKMessage` of
 * @anthropic-ai/claude-agent-sdk). A `result` may have the subtype `success` and be an error all the same.
 */
export function readClaude(answer: JsonSchema | undefined) {
  /** The class of the error that its last message told. */
  let error: string | undefined;

  return (line: JsonObject): readonly AgentEvent[] => {
    switch (line["type"]) {
      case "system":
        return readSystem(line);
      case "assistant": {
        error = textIn(line, "error");
        return error === undefined
          ? mapsIn(mapIn(line, "message"), "content").flatMap(readBlock)
          : [];
      }
      case "user":
        return mapsIn(mapIn(line, "message"), "content").flatMap(readToolResult);
      case "rate_limit_event":
        return [readRateLimit(mapIn(line, "rate_limit_info"))];
      case "result":
        return [readResult(line, error, answer !== undefined)];
      default:
        return [];
    }
  };
}

function readSystem(line: JsonObject): readonly AgentEvent[] {
  switch (line["subtype"]) {
    case "init": {
      const session = nameIn(line, "session_id");
      if (session === undefined) return [];
      const version = nameIn(line, "claude_code_version");
      return [
        { type: "session_started", session, ...given({ model: nameIn(line, "model"), version }) },
      ];
    }
    case "permission_denied":
      return [{ type: "tool_denied", name: textIn(line, "tool_name") ?? "a tool" }];
    case "api_retry": {
      const why = textIn(line, "error") ?? "an error";
      const outcome = ERRORS[why];
      const attempt = countIn(line, "attempt") ?? 1;
      const isFinal = FINAL.includes(outcome) && attempt >= FINAL_FROM_TRY;
      const final = isFinal ? outcome : undefined;
      return [
        {
          type: "provider_retry",
          why,
          attempt,
          ...given({ delayMs: numberIn(line, "retry_delay_ms"), final }),
        },
      ];
    }
    case "compact_boundary":
      return [{ type: "notice", text: "its conversation was summed up: it had become too long" }];
    case "informational":
      return [{ type: "notice", text: textIn(line, "content") ?? "" }];
    default:
      return [];
  }
}

function readBlock(block: JsonObject): readonly AgentEvent[] {
  switch (block["type"]) {
    case "text":
      return [{ type: "said", text: textIn(block, "text") ?? "" }];
    case "thinking":
      return [{ type: "thought", text: textIn(block, "thinking") ?? "" }];
    case "tool_use": {
      const input = JSON.stringify(block["input"] ?? {});
      return [{ type: "tool_started", name: textIn(block, "name") ?? "a tool", input }];
    }
    default:
      return [];
  }
}

function readToolResult(block: JsonObject): readonly AgentEvent[] {
  if (block["type"] !== "tool_result" || block["is_error"] !== true) return [];
  const { content } = block;
  const texts = mapsIn(block, "content").map((part) => textIn(part, "text") ?? "");
  return [{ type: "tool_failed", why: typeof content === "string" ? content : texts.join("\n") }];
}

function readRateLimit(info: JsonObject): AgentEvent {
  return {
    type: "rate_limit",
    isReached: info["status"] === "rejected",
    ...given({ window: nameIn(info, "rateLimitType"), resetsAt: timeIn(info, "resetsAt") }),
  };
}

function readResult(line: JsonObject, error: string | undefined, isAsked: boolean): AgentEnded {
  const outcome = outcomeOf(line, error);
  const errors = textsIn(line, "errors").filter((one) => one !== "");
  const told = errors.length > 0 ? errors.join("\n") : textIn(line, "result");
  const facts = given({
    turns: countIn(line, "num_turns"),
    costUsd: numberIn(line, "total_cost_usd"),
    usage: usageOf(line),
  });
  const text = given({ text: told });
  const structured = line["structured_output"];
  if (outcome !== "completed" || !isAsked) return { type: "ended", outcome, ...text, ...facts };
  if (isJsonObject(structured))
    return { type: "ended", outcome, answer: structured, ...text, ...facts };
  const why = `it gave no answer of the form that it was asked for; it said: ${told ?? "nothing"}`;
  return { type: "ended", outcome: "error", text: why, ...facts };
}

function outcomeOf(line: JsonObject, error: string | undefined): AgentOutcome {
  const known =
    SUBTYPES[textIn(line, "subtype") ?? ""] ?? REASONS[textIn(line, "terminal_reason") ?? ""];
  if (known !== undefined) return known;
  if (line["stop_reason"] === "refusal") return "refused";
  if (line["is_error"] !== true) return line["subtype"] === "success" ? "completed" : "error";
  return ERRORS[error ?? ""] ?? "error";
}

/** Of all models together, its helpers' included: `usage` is that of the main loop alone. */
function usageOf(line: JsonObject): AgentUsage | undefined {
  const models = Object.values(mapIn(line, "modelUsage")).filter(isJsonObject);
  if (models.length === 0) return undefined;
  const sum = (key: string): number =>
    models.reduce((total, model) => total + (countIn(model, key) ?? 0), 0);
  return {
    input_tokens: sum("inputTokens"),
    cached_input_tokens: sum("cacheReadInputTokens"),
    cache_write_input_tokens: sum("cacheCreationInputTokens"),
    output_tokens: sum("outputTokens"),
  };
}
