import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { definitionSchema, SCHEMA_KINDS, type SchemaKind } from "./index.ts";

/** docs/definitions.md: every key of every kind of file, made from the published schemas. */

const PLACES: { readonly [K in SchemaKind]: string } = {
  pack: "`pack.yaml`",
  action: "`actions/*.yaml`",
  workflow: "`workflows/*.yaml`",
  rule: "`rules/*.yaml`",
  source: "`sources/*.yaml`",
  queue: "`queues/*.yaml`",
  agent: "`agents/*.yaml`",
  sensor: "`sensors/*.yaml`",
  task: "`tasks/*.yaml`",
};

const PARTS: { readonly [K in SchemaKind]?: readonly (readonly [title: string, path: string])[] } =
  {
    action: [
      ["retry", "properties/retry"],
      ["check", "properties/check"],
    ],
    workflow: [
      ["A step", "$defs/step"],
      ["repeat", "$defs/step/properties/repeat"],
      ["undo", "$defs/call"],
    ],
    source: [["secret", "properties/secret"]],
    agent: [["limits", "properties/limits"]],
    task: [["schedule", "properties/schedule"]],
  };

export function definitionsPage(): string {
  const chapters = SCHEMA_KINDS.map((kind) => {
    const schema = definitionSchema(kind);
    const parts = (PARTS[kind] ?? []).map(
      ([title, path]) => `### ${title} (${kind})\n\n${keyTable(at(schema, path))}`,
    );
    return [`## ${kind}`, `In ${PLACES[kind]}.`, keyTable(schema), ...parts].join("\n\n");
  });
  return [
    "# Pack files",
    "Every key of every kind of file, made from the schemas that editors use. A key in bold must be given; keys that are not here are refused.",
    "The schemas themselves: `yard schema KIND`, `GET /schemas/{kind}.json` of a running server, and [docs/schemas](schemas/workflow.json). What may stand in `if`, `for_each` and `${{ }}` is in [Expressions](expressions.md).",
    ...chapters,
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function keyTable(schema: JsonObject): string {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const rows = Object.entries(schema["properties"] as JsonObject).map(([name, found]) => {
    const property = found as JsonObject;
    const shown = required.includes(name) ? `**\`${name}\`**` : `\`${name}\``;
    return `| ${shown} | ${cell(typeText(property))} | ${cell(String(property["description"] ?? ""))} |`;
  });
  return ["| key | takes | what |", "| --- | --- | --- |", ...rows].join("\n");
}

function typeText(schema: JsonObject): string {
  const fallback =
    schema["default"] === undefined ? "" : `, ${JSON.stringify(schema["default"])} if left out`;
  return `${shapeText(schema)}${fallback}`;
}

function shapeText(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return "anything";
  const reference = String(schema["$ref"] ?? "")
    .split("/")
    .at(-1);
  if (reference === "fields") return "a map of names to types";
  if (reference === "json_schema") return "a JSON Schema";
  if (reference === "call") return "a call, see below";
  if (Array.isArray(schema["enum"]))
    return schema["enum"].map((one) => `\`${String(one)}\``).join(", ");
  if (Array.isArray(schema["anyOf"])) {
    const choices = schema["anyOf"].filter((one) => !isExpression(one)).map(shapeText);
    return [...new Set(choices)].join(" or ");
  }
  if (String(schema["pattern"] ?? "").includes("ms|s|m|h")) return "a duration";
  const { minimum, maximum } = schema;
  const range = minimum === undefined || maximum === undefined ? "" : `, ${minimum} to ${maximum}`;
  const types = [schema["type"]]
    .flat()
    .filter((type) => type !== undefined)
    .map((type) => typeWord(String(type)));
  return types.length === 0 ? "anything" : `${types.join(" or ")}${range}`;
}

const WORDS: { readonly [type: string]: string } = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
};

function typeWord(type: string): string {
  return WORDS[type] ?? type;
}

/** That an expression may stand there is said once, at the top. */
function isExpression(schema: Json): boolean {
  return isJsonObject(schema) && String(schema["pattern"] ?? "").endsWith("\\$\\{\\{");
}

function at(schema: JsonObject, path: string): JsonObject {
  return path.split("/").reduce((node, part) => node[part] as JsonObject, schema);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
