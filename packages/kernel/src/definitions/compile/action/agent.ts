import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import {
  compileValidator,
  type JsonSchema,
  plainSchema,
  type Validator,
  walkSchema,
} from "../../../schema/index.ts";
import {
  AGENT_FACTS,
  AGENT_FIELDS,
  AGENT_REQUESTS,
  AGENTS,
  type AgentKind,
  agentFields,
} from "../../agent.ts";
import type { AgentSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { noModel, type Profiles, readAgentUse } from "../agent.ts";
import { readFiles } from "../calls/files.ts";
import type { Fields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";
import { readRequest } from "./request.ts";

/** Keys of an action that has `runner: agent`. */
export const AGENT_ACTION_KEYS: readonly string[] = [
  "agent",
  ...Object.keys(AGENT_FIELDS),
  "files",
];

/** Which agent is asked what. `declared` is the output that the action declares: the agent's answer. */
export function readAgent(
  fields: Fields,
  declared: Validator | undefined,
  profiles: Profiles,
  visible: Visible,
  report: Report,
  reportSlip: Report,
): AgentSpec | undefined {
  const profile = readAgentUse(fields, profiles, report);
  if (!fields.has("prompt")) report(fields.place, 'an agent action needs "prompt"');
  const kind = profile?.kind;
  if (kind !== undefined && !AGENTS[kind].takesModel && fields.has("model"))
    report(fields.keyPlace("model"), ...noModel(kind));
  const parts = { parts: agentFields(kind), whole: AGENT_REQUESTS[kind ?? "acp"] };
  const request = readRequest(parts, fields, visible, report, reportSlip);
  const files = readFiles(fields, report);
  const answer = readAnswer(fields, declared, kind, report);
  if (profile === undefined || request === undefined || !fields.has("prompt")) return undefined;
  return {
    kind: "agent",
    profile,
    request,
    ...(answer === undefined ? {} : { answer }),
    ...(files === undefined ? {} : { files }),
  };
}

/** An agent is asked for a map, beside which the output has what is known of its work. */
function readAnswer(
  fields: Fields,
  declared: Validator | undefined,
  kind: AgentKind | undefined,
  report: Report,
): JsonSchema | undefined {
  if (declared === undefined) return undefined;
  const key = fields.has("output") ? "output" : "output_schema";
  const schema = typeof declared.schema === "object" && plainSchema(declared.schema);
  if (typeof schema !== "object" || schema["type"] !== "object") {
    report(fields.keyPlace(key), "an agent's answer is a map", "write output: { FIELD: string! }");
    return undefined;
  }
  const properties = schema["properties"];
  if (typeof properties === "object" && properties !== null && "agent" in properties)
    report(
      fields.keyPlace(key),
      `the output's field "agent" says what is known of the agent's work`,
    );
  const unnamed = kind === "codex" ? mapWithoutNames(schema) : undefined;
  if (unnamed !== undefined)
    report(
      fields.keyPlace(key),
      `codex answers only with maps whose fields are named: ${unnamed} names none`,
      "name them, or ask for a list of { name, value }",
    );
  return schema;
}

/** Where a map with any fields stands: Codex's provider has no form for it, and would give an empty one. */
function mapWithoutNames(schema: JsonSchema): string | undefined {
  let place: string | undefined;
  walkSchema(schema as Json, (inner, path) => {
    if (isOfAnyFields(inner)) place ??= path.length === 0 ? "it" : path.join(".");
  });
  return place;
}

function isOfAnyFields({ type, properties, additionalProperties }: JsonObject): boolean {
  const isMap = type === "object" || (Array.isArray(type) && type.includes("object"));
  const hasNames = isJsonObject(properties) && Object.keys(properties).length > 0;
  return isMap && (!hasNames || isJsonObject(additionalProperties));
}

/** The schema of the output: the answer, or the agent's last words as `text`, and `agent`. */
export function agentOutputSchema(answer: JsonSchema | undefined): Validator {
  const own: JsonSchema = answer ?? { type: "object", properties: { text: { type: "string" } } };
  const { properties } = own as { readonly properties?: object };
  return compileValidator({
    ...(own as object),
    properties: { ...properties, agent: AGENT_FACTS },
  });
}
