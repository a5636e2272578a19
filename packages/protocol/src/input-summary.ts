import { isJsonObject, type Json } from "./json/json.ts";

/** The fields of an input in short, by its schema: `people*, delay`; `*` marks those that must be given. */
export function inputSummary(schema: Json): string {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return "";
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.keys(schema["properties"])
    .map((name) => (required.includes(name) ? `${name}*` : name))
    .join(", ");
}
