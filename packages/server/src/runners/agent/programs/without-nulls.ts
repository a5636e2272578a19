import { resolveLocalRef } from "@yardmaster/kernel";
import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { entriesOf, isOfMaps, propertiesOf, requiredOf } from "./schema-parts.ts";

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
