import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol/core";

/** A field of an input or an output, as its schema declares it. */
export interface InputField {
  readonly name: string;
  /** `string`, `integer[]`, `"a" | "b"`. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string | undefined;
  /** As JSON; undefined where there is none. */
  readonly preset: string | undefined;
}

/** The fields that a JSON Schema names, in its order; undefined where it is none of an object with names. */
export function inputFields(schema: Json): InputField[] | undefined {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return undefined;
  const { properties, required } = schema;
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, declared]) => {
    const field = isJsonObject(declared) ? declared : {};
    const { description, default: preset } = field;
    return {
      name,
      type: typeWords(field),
      isRequired: names.includes(name),
      description: typeof description === "string" ? description : undefined,
      preset: preset === undefined ? undefined : JSON.stringify(preset),
    };
  });
}

function typeWords(declared: JsonObject): string {
  const { enum: values, const: only, type, items, format } = declared;
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  const types = [type].flat().filter((one) => typeof one === "string");
  if (types.length === 0) return "any";
  return types
    .map((one) => {
      if (one === "array") return `${bracketed(isJsonObject(items) ? typeWords(items) : "any")}[]`;
      return one === "string" && typeof format === "string" ? format : one;
    })
    .join(" | ");
}

function bracketed(words: string): string {
  return words.includes(" | ") ? `(${words})` : words;
}
