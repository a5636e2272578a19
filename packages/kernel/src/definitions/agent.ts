import type { Json, WorkError } from "@yardmaster/protocol";
import { compileValidator, type JsonSchema } from "../schema/index.ts";
import type { AgentSpec } from "./definition.ts";
import type { SecretPlace } from "./pack.ts";
import { renderRequest } from "./rendered-request.ts";

/** The coding agents whose programs are known, and what each can be held to. */
export const AGENTS = {
  claude: { command: ["claude"], limits: ["turns", "cost_usd", "silence"] },
  codex: { command: ["codex"], limits: ["silence"] },
} as const satisfies {
  readonly [kind: string]: {
    /** What is started unless the profile says otherwise; what the agent needs is put behind it. */
    readonly command: readonly [string];
    readonly limits: readonly AgentLimit[];
  };
};

export type AgentKind = keyof typeof AGENTS;
export const AGENT_KINDS = Object.keys(AGENTS) as readonly AgentKind[];

/** What an agent may be held to: rounds with its model, its own estimate of the price, time without a sign of it. */
export const AGENT_LIMITS = ["turns", "cost_usd", "silence"] as const;
export type AgentLimit = (typeof AGENT_LIMITS)[number];

/** What an agent may do unasked: look, change files of its folder as well, or anything that its user may. */
export const AGENT_PERMISSIONS = ["read", "edit", "all"] as const;
export type AgentPermissions = (typeof AGENT_PERMISSIONS)[number];

/** How an agent's work ended, whatever its program calls it. */
export type AgentOutcome =
  | "completed"
  /** It asked for more rounds, or more money, than it may have. */
  | "turn_limit"
  | "budget"
  /** Its provider has no room for it now: until a time that it may have said. */
  | "rate_limited"
  | "overloaded"
  | "refused"
  /** Its provider does not know it, or wants money first. */
  | "auth"
  | "billing"
  /** What it was started with makes no sense to it or to its provider. */
  | "config"
  /** It said that it failed. */
  | "error"
  /** It ended without a word on how. */
  | "crashed"
  | "stalled";

/** Of an agent whose action says nothing else (docs/limits.md). */
export const DEFAULT_AGENT_TIMEOUT_MS = 30 * 60_000;
export const DEFAULT_AGENT_SILENCE_MS = 15 * 60_000;

/** Which agent, and what holds for it. */
export interface AgentProfile {
  readonly kind: AgentKind;
  readonly command: readonly string[];
  readonly model?: string;
  readonly permissions: AgentPermissions;
  readonly turns?: number;
  readonly costUsd?: number;
  readonly silenceMs: number;
  /** Arguments of its program that Yardmaster does not know of. */
  readonly args?: readonly string[];
  /** Where the key of its provider is kept, on the machine of a worker. */
  readonly key?: SecretPlace;
  readonly env?: { readonly [name: string]: string };
}

/** What one attempt asks of its agent. */
export interface AgentRequest {
  readonly prompt: string;
  readonly model?: string;
  /** Absolute; left out, the attempt's own work folder. */
  readonly folder?: string;
  /** The agent's own name of an earlier conversation, which it goes on with. */
  readonly session?: string;
}

/** The request's parts, by name: keys of an action with `runner: agent`. Null is as if it were left out. */
export const AGENT_FIELDS: { readonly [name: string]: JsonSchema } = {
  prompt: { type: "string", minLength: 1 },
  // One that began with a dash would be read as an option.
  model: { type: ["string", "null"], pattern: "^[^-]" },
  folder: { type: ["string", "null"], pattern: "^/" },
  // A UUID, as both name theirs: anything else is a title to them, and Codex begins another for one it does not know.
  session: {
    type: ["string", "null"],
    pattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
  },
};

export const AGENT_REQUEST = compileValidator({
  type: "object",
  properties: AGENT_FIELDS,
  required: ["prompt"],
  additionalProperties: false,
});

/** Tokens, as an agent counts them. */
export const AGENT_USAGE = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
] as const;

/** What its program did not say is not there, which is not 0. */
export type AgentUsage = { readonly [K in (typeof AGENT_USAGE)[number]]?: number };

/** What an agent's output has beside its answer, under `agent`. What it did not say is not there. */
export const AGENT_FACTS: JsonSchema = {
  type: "object",
  properties: {
    kind: { type: "string" },
    session: { type: "string" },
    model: { type: "string" },
    text: { type: "string" },
    turns: { type: "integer" },
    cost_usd: { type: "number" },
    usage: {
      type: "object",
      properties: Object.fromEntries(AGENT_USAGE.map((name) => [name, { type: "integer" }])),
    },
    malformed_lines: { type: "integer" },
  },
};

export type ReadAgentRequest =
  | { readonly ok: true; readonly request: AgentRequest }
  | { readonly ok: false; readonly error: WorkError };

/** The request of an attempt: what the action asks, with this input put in. */
export function agentRequestOf(spec: AgentSpec, input: Json): ReadAgentRequest {
  const rendered = renderRequest(spec.request, input, AGENT_REQUEST, "what to ask the agent");
  if (!rendered.ok) return rendered;
  const given = Object.entries(rendered.value as object).filter(([, value]) => value !== null);
  return { ok: true, request: Object.fromEntries(given) as unknown as AgentRequest };
}
