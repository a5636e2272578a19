import type { Json, WorkError } from "@yardmaster/protocol";
import { compileValidator, type JsonSchema, type Validator } from "../schema/index.ts";
import type { AgentSpec } from "./definition.ts";
import type { SecretPlace } from "./pack.ts";
import { renderRequest } from "./rendered-request.ts";

/** The coding agents whose programs are known, and what each can be held to. */
export const AGENTS: { readonly [K in AgentKind]: AgentAbilities } = {
  claude: {
    command: ["claude"],
    limits: ["turns", "cost_usd", "silence"],
    takesModel: true,
    goesToNodes: true,
  },
  codex: { command: ["codex"], limits: ["silence"], takesModel: true, goesToNodes: true },
  acp: { limits: ["silence"], takesModel: false, goesToNodes: false },
};

/** `acp` is any agent that speaks the Agent Client Protocol. */
export const AGENT_KINDS = ["claude", "codex", "acp"] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

export interface AgentAbilities {
  /**
   * What is started unless the profile says otherwise; what the agent needs is put behind it. Absent: the profile has
   * to say it, and in which variable its program takes a key.
   */
  readonly command?: readonly [string];
  readonly limits: readonly AgentLimit[];
  /** Whether it can be told which model to use: where a protocol has no way, its own arguments say it. */
  readonly takesModel: boolean;
  /** Whether all that it is asked is known as it is started: with what runs on a node, nobody can speak. */
  readonly goesToNodes: boolean;
}

/** Kinds that say enough by themselves. */
export const PLAIN_AGENT_KINDS: readonly AgentKind[] = AGENT_KINDS.filter(
  (kind) => AGENTS[kind].command !== undefined,
);

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
  /** The variable in which its program takes that key, where its kind does not say it. */
  readonly keyVariable?: string;
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
  session: { type: ["string", "null"], minLength: 1, maxLength: 200 },
};

/** A UUID, as Claude and Codex name theirs: anything else is a title to them, and Codex begins another for one it does not know. */
const UUID: JsonSchema = {
  type: ["string", "null"],
  pattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
};

/** The same of one kind of agent. */
export function agentFields(kind: AgentKind | undefined): { readonly [name: string]: JsonSchema } {
  return kind === "claude" || kind === "codex" ? { ...AGENT_FIELDS, session: UUID } : AGENT_FIELDS;
}

function requestOf(kind: AgentKind): Validator {
  return compileValidator({
    type: "object",
    properties: agentFields(kind),
    required: ["prompt"],
    additionalProperties: false,
  });
}

export const AGENT_REQUESTS: { readonly [K in AgentKind]: Validator } = {
  claude: requestOf("claude"),
  codex: requestOf("codex"),
  acp: requestOf("acp"),
};

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
  const rendered = renderRequest(
    spec.request,
    input,
    AGENT_REQUESTS[spec.profile.kind],
    "what to ask the agent",
  );
  if (!rendered.ok) return rendered;
  const given = Object.entries(rendered.value as object).filter(([, value]) => value !== null);
  return { ok: true, request: Object.fromEntries(given) as unknown as AgentRequest };
}
