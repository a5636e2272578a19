import { compileValidator, type JsonSchema, type Validator } from "../../../schema/index.ts";
import { AGENT_FACTS, AGENT_FIELDS, AGENT_REQUEST } from "../../agent.ts";
import type { AgentSpec } from "../../definition.ts";
import type { Report } from "../../problem.ts";
import { type Profiles, readAgentUse } from "../agent.ts";
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

const REQUEST = { parts: AGENT_FIELDS, whole: AGENT_REQUEST };

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
  const request = readRequest(REQUEST, fields, visible, report, reportSlip);
  const files = readFiles(fields, report);
  const answer = readAnswer(fields, declared, report);
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
  report: Report,
): JsonSchema | undefined {
  if (declared === undefined) return undefined;
  const key = fields.has("output") ? "output" : "output_schema";
  const { schema } = declared;
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
  return schema;
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
