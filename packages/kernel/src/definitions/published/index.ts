import type { JsonObject } from "@yardmaster/protocol";
import { actionSchema } from "./action.ts";
import { agentSchema } from "./agent.ts";
import { FIELDS_DEFS } from "./fields.ts";
import { sensorSchema } from "./sensor.ts";
import { packSchema, queueSchema, ruleSchema, sourceSchema } from "./small-kinds.ts";
import { taskSchema } from "./task.ts";
import { WORKFLOW_DEFS, workflowSchema } from "./workflow.ts";

/** Kinds of files that a pack is written in. */
export const SCHEMA_KINDS = [
  "pack",
  "action",
  "workflow",
  "rule",
  "source",
  "queue",
  "agent",
  "sensor",
  "task",
] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const MADE: { readonly [K in SchemaKind]: () => JsonObject } = {
  pack: packSchema,
  action: actionSchema,
  workflow: workflowSchema,
  rule: ruleSchema,
  source: sourceSchema,
  queue: queueSchema,
  agent: agentSchema,
  sensor: sensorSchema,
  task: taskSchema,
};

const TITLES: { readonly [K in SchemaKind]?: string } = {
  pack: "pack.yaml of Yardmaster",
  action: "An action of Yardmaster",
  agent: "A profile of an agent of Yardmaster",
};

const DEFS: { readonly [name: string]: JsonObject } = { ...FIELDS_DEFS, ...WORKFLOW_DEFS };
const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * The JSON Schema 2020-12 with which editors complete and check files of a kind, made from the compiler's own tables.
 * It takes whatever the compiler takes; what only the compiler can know (refs, expressions, files) it lets pass.
 */
export function definitionSchema(kind: SchemaKind): JsonObject {
  const schema = MADE[kind]();
  const defs = usedDefs(schema);
  return {
    $schema: DIALECT,
    title: TITLES[kind] ?? `A ${kind} of Yardmaster`,
    ...schema,
    ...(Object.keys(defs).length === 0 ? {} : { $defs: defs }),
  };
}

function usedDefs(schema: JsonObject): { [name: string]: JsonObject } {
  const used: { [name: string]: JsonObject } = {};
  const look = (part: JsonObject): void => {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      const found = DEFS[name];
      if (found === undefined) throw new Error(`there is no definition ${name} (k7p4)`);
      if (used[name] !== undefined) continue;
      used[name] = found;
      look(found);
    }
  };
  look(schema);
  return used;
}
