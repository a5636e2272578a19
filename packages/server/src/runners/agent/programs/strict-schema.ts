import type { JsonSchema } from "@yardmaster/kernel";
import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

/**
 * The schema as OpenAI's strict mode takes it (developers.openai.com, Structured Outputs): every property is required,
 * and no other may be there. What may be left out may be null instead, which `withoutNulls` takes out again.
 */
export function strictSchema(schema: JsonSchema): JsonSchema {
  return strict(schema as Json) as JsonSchema;
}

/** Keywords whose values are schemas, or lists or maps of schemas. */
const INNER = ["items", "anyOf", "$defs"];

function strict(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isJsonObject(schema)) return schema;
  const made: { [key: string]: Json } = Object.fromEntries(
    entriesOf(schema)
      .filter(([key]) => key !== "default")
      .map(([key, value]) => [key, INNER.includes(key) ? inner(key, value) : value]),
  );
  return schema["type"] === "object" ? { ...made, ...strictFields(schema) } : made;
}

function inner(key: string, value: Json): Json {
  if (key !== "$defs" || !isJsonObject(value)) return strict(value);
  return Object.fromEntries(entriesOf(value).map(([name, one]) => [name, strict(one)]));
}

function strictFields(schema: JsonObject): JsonObject {
  const required = requiredOf(schema);
  const fields = entriesOf(propertiesOf(schema)).map(
    ([name, one]) => [name, required.includes(name) ? strict(one) : orNull(strict(one))] as const,
  );
  return {
    properties: Object.fromEntries(fields),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  };
}

function orNull(schema: Json): Json {
  return { anyOf: [schema, { type: "null" }] };
}

/** The answer without nulls that stand for what was left out. */
export function withoutNulls(answer: Json, schema: Json): Json {
  if (Array.isArray(answer)) {
    const items = isJsonObject(schema) ? (schema["items"] ?? true) : true;
    return answer.map((one) => withoutNulls(one, items));
  }
  if (!isJsonObject(answer) || !isJsonObject(schema)) return answer;
  const properties = propertiesOf(schema);
  const required = requiredOf(schema);
  const kept = entriesOf(answer).filter(
    ([name, value]) =>
      value !== null || required.includes(name) || !Object.hasOwn(properties, name),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => [name, withoutNulls(value, properties[name] ?? true)]),
  );
}

function requiredOf(schema: JsonObject): readonly Json[] {
  return Array.isArray(schema["required"]) ? schema["required"] : [];
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

function entriesOf(map: JsonObject): [string, Json][] {
  return Object.entries(map).filter((entry): entry is [string, Json] => entry[1] !== undefined);
}
