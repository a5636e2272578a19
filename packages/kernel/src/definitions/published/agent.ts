import type { JsonObject } from "@yardmaster/protocol";
import {
  AGENT_FIELDS,
  AGENT_KINDS,
  AGENT_LIMITS,
  AGENT_PERMISSIONS,
  AGENTS,
  type AgentKind,
  PLAIN_AGENT_KINDS,
} from "../agent.ts";
import { AGENT_ACTION_KEYS } from "../compile/action/agent.ts";
import {
  AGENT_KEYS,
  KEY_VARIABLE,
  MAX_COST_USD,
  MAX_TURNS,
  PROFILE_KEYS,
} from "../compile/agent.ts";
import { closedMap, type Key, key } from "./closed-map.ts";
import {
  COMMAND,
  DESCRIPTION,
  DURATION,
  ENV,
  HANDED_BACK,
  LITERAL_TEXT,
  LITERALS,
  REF,
  SECRET_PLACE,
} from "./shared.ts";
import { withExpressions } from "./with-expressions.ts";

const LIMITS: JsonObject = closedMap({
  keys: AGENT_LIMITS,
  of: {
    turns: key("Rounds with its model.", { type: "integer", minimum: 1, maximum: MAX_TURNS }),
    cost_usd: key("What it may cost by the agent's own estimate, in US dollars.", {
      type: "number",
      minimum: 0.01,
      maximum: MAX_COST_USD,
    }),
    silence: key("Time without a sign of it, after which it is stopped.", {
      ...DURATION,
      default: "15m",
    }),
  },
});

const PROFILE: { readonly [name: string]: Key } = {
  kind: key(
    "Which agent it is, acp for any that speaks the Agent Client Protocol: its program must be installed where it runs.",
    { enum: [...AGENT_KINDS] },
  ),
  model: key(
    "Its model; left out, the one that the agent takes by itself. Not of acp.",
    LITERAL_TEXT,
  ),
  permissions: key("What it may do unasked: read, edit (files of its folder), or all.", {
    enum: [...AGENT_PERMISSIONS],
    default: "read",
  }),
  limits: key("Where it is stopped.", LIMITS),
  command: key(
    "Its program, and arguments before all others; claude or codex by itself, and needed of acp.",
    COMMAND,
  ),
  args: key("Arguments of its program that are not said by other keys.", LITERALS),
  key: key(
    "Where the key of its provider is kept, for who is not logged in; no node is given it.",
    SECRET_PLACE,
  ),
  key_variable: key("Of acp, with key: the variable in which its program takes the key.", {
    type: "string",
    pattern: KEY_VARIABLE.is.source,
    not: { pattern: KEY_VARIABLE.isNot.source },
  }),
  env: ENV,
};

/** A limit, or a model, of which nothing would come is refused: not every agent's program can be held to all. */
const ABLE: JsonObject[] = AGENT_KINDS.map((kind) => ({
  if: { properties: { kind: { const: kind } }, required: ["kind"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: ableTo(kind),
}));

function ableTo(kind: AgentKind): JsonObject {
  const { command, limits, takesModel } = AGENTS[kind];
  const isOpen = command === undefined;
  return {
    properties: {
      limits: { propertyNames: { enum: [...limits] } },
      ...(!takesModel && { model: false }),
      ...(!isOpen && { key_variable: false }),
    },
    ...(isOpen && {
      required: ["command"],
      dependentRequired: { key: ["key_variable"], key_variable: ["key"] },
    }),
  };
}

export function agentSchema(): JsonObject {
  const map = closedMap({
    keys: AGENT_KEYS,
    required: ["agent", "kind"],
    of: {
      agent: key("The profile's name: <pack>.<name>; an action says it as agent.", REF),
      description: DESCRIPTION,
      ...PROFILE,
    },
  });
  return { ...map, allOf: ABLE };
}

const WORDS: { readonly [name: string]: string } = {
  prompt: "What it is asked; takes ${{ input.… }}.",
  model: "Its model, where the profile's is not meant; takes ${{ }}.",
  folder:
    "An absolute path: where it works. Left out, a folder of its own that is removed after it.",
  session:
    "An earlier conversation, which it goes on with: ${{ steps.<id>.output.agent.session }}.",
};

/** `agent` of an action: a kind, the name of a profile, or a profile. */
const AGENT_USE: JsonObject = {
  anyOf: [
    { enum: [...PLAIN_AGENT_KINDS] },
    REF,
    { ...closedMap({ keys: PROFILE_KEYS, required: ["kind"], of: PROFILE }), allOf: ABLE },
  ],
};

/** Keys of an action that has `runner: agent`. */
export const AGENT_ACTION: { readonly [name: string]: Key } = Object.fromEntries(
  AGENT_ACTION_KEYS.map((name) => [name, ofAction(name)]),
);

function ofAction(name: string): Key {
  if (name === "agent")
    return key("Who is asked: a kind of agent, a profile of the pack, or one here.", AGENT_USE);
  if (name === "files") return HANDED_BACK;
  const schema = withExpressions(AGENT_FIELDS[name] ?? true);
  return key(WORDS[name] ?? "", typeof schema === "object" ? (schema as JsonObject) : {});
}
