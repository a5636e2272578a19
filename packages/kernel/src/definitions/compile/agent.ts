import {
  AGENT_KINDS,
  AGENT_LIMITS,
  AGENT_PERMISSIONS,
  AGENTS,
  type AgentKind,
  type AgentProfile,
  DEFAULT_AGENT_SILENCE_MS,
  PLAIN_AGENT_KINDS,
} from "../agent.ts";
import type { Place } from "../document.ts";
import type { Report } from "../problem.ts";
import { readCommand, refuseTemplates } from "./fields/command.ts";
import { didYouMean } from "./fields/did-you-mean.ts";
import { type Fields, readFields } from "./fields/fields.ts";
import { MAX_TIMEOUT_MS } from "./fields/limits.ts";
import { readSecretPlace } from "./fields/secret-place.ts";

/** What a profile says of its agent, be it in a file of its own or at the action that uses it. */
export const PROFILE_KEYS = [
  "kind",
  "model",
  "permissions",
  "limits",
  "command",
  "args",
  "key",
  "key_variable",
  "env",
] as const;

/** Keys of a file in `agents/`. */
export const AGENT_KEYS = ["agent", "description", ...PROFILE_KEYS];

export const MAX_TURNS = 10_000;
export const MAX_COST_USD = 100_000;

/** A profile that is declared but broken is undefined. */
export type Profiles = ReadonlyMap<string, AgentProfile | undefined>;

const HINT = `write agent: ${PLAIN_AGENT_KINDS.join(", agent: ")}, the name of a profile (agents/*.yaml), or a map with kind`;

/** `agent:` of an action: a kind of agent as it is, a profile of the pack, or a profile written there. */
export function readAgentUse(
  owner: Fields,
  profiles: Profiles,
  report: Report,
): AgentProfile | undefined {
  const node = owner.get("agent");
  if (node === undefined) {
    report(owner.place, 'an agent action needs "agent"', HINT);
    return undefined;
  }
  if (node.kind === "map") {
    const fields = readFields(node, "agent", PROFILE_KEYS, report);
    return fields && readProfile(fields, "agent", report);
  }
  const name = owner.text("agent");
  if (name === undefined) return undefined;
  if (profiles.has(name)) return profiles.get(name);
  if (isKind(name)) return plainProfile(name) ?? refusePlain(name, node.place, report);
  const hint = didYouMean(name, [...profiles.keys(), ...PLAIN_AGENT_KINDS]) ?? HINT;
  report(node.place, `there is no agent "${name}"`, hint);
  return undefined;
}

/** `what` names the map where something is missing in it. */
export function readProfile(
  fields: Fields,
  what: string,
  report: Report,
): AgentProfile | undefined {
  if (!fields.has("kind"))
    report(fields.place, `${what} needs "kind"`, `write kind: ${AGENT_KINDS.join(" or ")}`);
  const kind = fields.word("kind", AGENT_KINDS);
  const command = readCommand(fields, report);
  const limits = readLimits(fields, kind, report);
  const model = fields.text("model");
  const permissions = fields.word("permissions", AGENT_PERMISSIONS);
  const args = fields.texts("args");
  const apiKey = readSecretPlace(fields, "key", report);
  const keyVariable = readKeyVariable(fields, kind, report);
  const env = fields.textMap("env");
  for (const key of ["model", "command", "args", "env"])
    refuseTemplates(fields.get(key), key, report, "model and folder of the action take them");
  if (kind === undefined) return undefined;
  if (!AGENTS[kind].takesModel && fields.has("model"))
    report(fields.keyPlace("model"), ...noModel(kind));
  const plain = plainProfile(kind);
  const program = command ?? plain?.command;
  if (program === undefined) {
    if (!fields.has("command")) report(fields.place, `${kind} needs "command"`, COMMAND_HINT);
    return undefined;
  }
  return {
    ...PLAIN,
    ...limits,
    kind,
    command: program,
    permissions: permissions ?? PLAIN.permissions,
    ...(model === undefined ? {} : { model }),
    ...(args === undefined ? {} : { args }),
    ...(apiKey === undefined ? {} : { key: apiKey }),
    ...(keyVariable === undefined ? {} : { keyVariable }),
    ...(env === undefined ? {} : { env }),
  };
}

const PLAIN = { permissions: "read", silenceMs: DEFAULT_AGENT_SILENCE_MS } as const;

/** A kind with nothing said; undefined where that is not enough. */
function plainProfile(kind: AgentKind): AgentProfile | undefined {
  const { command } = AGENTS[kind];
  return command && { kind, command, ...PLAIN };
}

function refusePlain(kind: AgentKind, place: Place, report: Report): undefined {
  report(
    place,
    `agent: ${kind} alone says no program`,
    `write agent: { kind: ${kind}, command: [gemini, --acp] }`,
  );
}

/** What is said where an agent's kind has no way to be told its model. */
export function noModel(kind: AgentKind): [message: string, hint: string] {
  return [
    `${kind} cannot be told a model`,
    "its own arguments or settings say it: args: [--model, NAME], where its program takes that",
  ];
}

const COMMAND_HINT = "write command: [gemini, --acp], what starts the agent on stdin and stdout";

/** Two patterns: those of a published schema look neither ahead nor back. */
export const KEY_VARIABLE = { is: /^[A-Za-z_][A-Za-z0-9_]*$/, isNot: /^YARD_/ };

/** In which variable the key is given: programs whose kind is known take it in one of their own. */
function readKeyVariable(
  fields: Fields,
  kind: AgentKind | undefined,
  report: Report,
): string | undefined {
  const name = fields.text("key_variable");
  const isOpen = kind !== undefined && AGENTS[kind].command === undefined;
  if (isOpen && fields.has("key") !== fields.has("key_variable"))
    report(
      fields.keyPlace(fields.has("key") ? "key" : "key_variable"),
      "a key needs the variable in which the agent takes it, and a variable needs a key",
      "write key: { secret: NAME } and key_variable: GEMINI_API_KEY",
    );
  if (name === undefined) return undefined;
  const place = fields.keyPlace("key_variable");
  if (kind !== undefined && !isOpen)
    report(place, `${kind} takes its key in a variable of its own`, "leave key_variable out");
  if (KEY_VARIABLE.is.test(name) && !KEY_VARIABLE.isNot.test(name)) return name;
  report(
    place,
    `"${name}" is no name of a variable that could be given`,
    "letters, digits and _, and not YARD_…",
  );
  return undefined;
}

function isKind(name: string): name is AgentKind {
  return Object.hasOwn(AGENTS, name);
}

/** A limit that the agent's program cannot be held to is refused: it would be stored and never applied. */
function readLimits(
  owner: Fields,
  kind: AgentKind | undefined,
  report: Report,
): Pick<AgentProfile, "turns" | "costUsd"> & { readonly silenceMs?: number } {
  const node = owner.get("limits");
  const fields = node && readFields(node, "limits", AGENT_LIMITS, report);
  if (fields === undefined) return {};
  const turns = fields.number("turns", { min: 1, max: MAX_TURNS, integer: true });
  const costUsd = fields.number("cost_usd", { min: 0.01, max: MAX_COST_USD });
  const silenceMs = fields.durationMs("silence", { min: 1_000, max: MAX_TIMEOUT_MS });
  const able: readonly string[] = kind === undefined ? AGENT_LIMITS : AGENTS[kind].limits;
  for (const limit of AGENT_LIMITS.filter((one) => fields.has(one) && !able.includes(one)))
    report(
      fields.keyPlace(limit),
      `${kind} cannot be held to ${limit}`,
      `of ${kind} there are ${able.join(", ")}, and the timeout of the action`,
    );
  return {
    ...(turns === undefined ? {} : { turns }),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(silenceMs === undefined ? {} : { silenceMs }),
  };
}
