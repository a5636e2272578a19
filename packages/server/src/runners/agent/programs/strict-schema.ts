import type { JsonSchema } from "@yardmaster/kernel";
import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { entriesOf, isOfMaps, propertiesOf, requiredOf } from "./schema-parts.ts";

/**
 * The schema as OpenAI's strict mode takes it (developers.openai.com, Structured Outputs): every property is required,
 * and no other may be there. What may be left out may be null instead, which `withoutNulls` takes out again.
 */
export function strictSchema(schema: JsonSchema): JsonSchema {
  return strict(schema as Json) as JsonSchema;
}

/** Keywords whose values are schemas or lists of them, by what strict mode calls them: it knows no oneOf. */
const INNER: { readonly [keyword: string]: string | undefined } = {
  items: "items",
  anyOf: "anyOf",
  oneOf: "anyOf",
};
const UNKNOWN = ["$schema", "$id", "default"];
const DEFINITIONS = ["$defs", "definitions"];

function strict(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isJsonObject(schema)) return schema;
  const made = Object.fromEntries(
    entriesOf(schema)
      .filter(([key]) => !UNKNOWN.includes(key))
      .map(([key, value]) => strictKeyword(key, value)),
  );
  return isOfMaps(schema) ? { ...made, ...strictFields(schema) } : made;
}

function strictKeyword(key: string, value: Json): [string, Json] {
  if (DEFINITIONS.includes(key) && isJsonObject(value)) {
    const definitions = entriesOf(value).map(([name, one]) => [name, strict(one)]);
    return [key, Object.fromEntries(definitions)];
  }
  const inner = Object.hasOwn(INNER, key) ? INNER[key] : undefined;
  return inner === undefined ? [key, value] : [inner, strict(value)];
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
