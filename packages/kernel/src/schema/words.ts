import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { FORMAT_EXAMPLES } from "./formats.ts";

const MAX_SHOWN = 60;

/** What a schema takes, as errors say it. */
export function wantedBy(schema: JsonObject): string {
  const { type, const: only, enum: values } = schema;
  if (only !== undefined) return show(only);
  if (Array.isArray(values)) return oneOf(values);
  return (type === "string" ? exampleOf(schema) : undefined) ?? typesOf(type);
}

export function oneOf(values: readonly unknown[]): string {
  return `one of ${values.map(show).join(", ")}`;
}

/** A text of a form: `5` in quotes would be no duration either. */
export function exampleOf(schema: Json | undefined): string | undefined {
  const format = isJsonObject(schema) ? schema["format"] : undefined;
  return typeof format === "string" ? FORMAT_EXAMPLES[format] : undefined;
}

/** Of `type`, be it one or a list. */
export function typesOf(type: unknown): string {
  return words([type].flat().map(typeName));
}

function words(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? "a value")
    : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`;
}

function typeName(type: unknown): string {
  switch (type) {
    case "array":
      return "a list";
    case "object":
      return "an object";
    case "integer":
      return "an integer";
    case "null":
      return "null";
    default:
      return `a ${String(type)}`;
  }
}

export function kindName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeName(typeof value);
}

/** A short value as JSON, a long one by its kind: errors are read by people and kept in logs. */
export function show(value: unknown): string {
  if (typeof value === "object" && value !== null) return kindName(value);
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
