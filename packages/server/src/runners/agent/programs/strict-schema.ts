import { type JsonSchema, resolveLocalRef } from "@yardmaster/kernel";
import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

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

function isOfMaps({ type }: JsonObject): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object"));
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

/** The answer without nulls that stand for what was left out. `root` is the schema that references are within. */
export function withoutNulls(answer: Json, schema: Json, root: Json = schema): Json {
  const forms = formsOf(schema, root);
  if (Array.isArray(answer)) {
    const items = forms.find((form) => Object.hasOwn(form, "items"))?.["items"] ?? true;
    return answer.map((one) => withoutNulls(one, items, root));
  }
  if (!isJsonObject(answer)) return answer;
  const maps = forms.filter(isOfMaps);
  const form = maps.find((one) => isOfForm(answer, one)) ?? maps[0] ?? {};
  const properties = propertiesOf(form);
  const required = requiredOf(form);
  const kept = entriesOf(answer).filter(
    ([name, value]) =>
      value !== null || required.includes(name) || !Object.hasOwn(properties, name),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => [name, withoutNulls(value, properties[name] ?? true, root)]),
  );
}

/** What refers to itself alone has no form. */
const MOST_REFERENCES = 20;

/** The schemas, one of which a value is of: those of a choice, and what is referred to. */
function formsOf(schema: Json, root: Json, references = 0): readonly JsonObject[] {
  if (!isJsonObject(schema) || references > MOST_REFERENCES) return [];
  const { $ref, anyOf, oneOf } = schema;
  if (typeof $ref === "string")
    return formsOf(resolveLocalRef(root, $ref) ?? true, root, references + 1);
  const choice = anyOf ?? oneOf;
  return Array.isArray(choice)
    ? choice.flatMap((one) => formsOf(one, root, references + 1))
    : [schema];
}

/** In strict mode a map has all fields of its form and no other, so that they tell the forms of a choice apart. */
function isOfForm(answer: JsonObject, form: JsonObject): boolean {
  const properties = propertiesOf(form);
  const names = Object.keys(properties);
  return (
    names.length === Object.keys(answer).length &&
    names.every((name) => Object.hasOwn(answer, name) && mayBe(answer[name], properties[name]))
  );
}

function mayBe(value: Json | undefined, schema: Json | undefined): boolean {
  return isJsonObject(schema) && schema["const"] !== undefined ? schema["const"] === value : true;
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
