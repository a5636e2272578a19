import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import type { JsonSchema } from "../../schema/index.ts";
import { DURATION, EXPRESSION_PART } from "./shared.ts";

/** The schema of a value in whose strings `${{ }}` may stand: what it will be is known only in a run. */
export function withExpressions(schema: JsonSchema): Json {
  if (typeof schema === "boolean") return schema;
  const { properties, items, additionalProperties, ...rest } = schema;
  const inner: JsonObject = {
    ...(rest["format"] === "duration" ? DURATION : rest),
    ...(isJsonObject(properties) ? { properties: mapped(properties) } : {}),
    ...(items === undefined ? {} : { items: withExpressions(items as JsonSchema) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: withExpressions(additionalProperties as JsonSchema) }),
  };
  const isAnyText = inner["type"] === "string" && Object.keys(inner).length === 1;
  if (isAnyText) return inner;
  return { anyOf: [inner, { type: "string", pattern: EXPRESSION_PART }] };
}

function mapped(properties: JsonObject): JsonObject {
  const pairs = Object.entries(properties);
  return Object.fromEntries(
    pairs.map(([name, schema]) => [name, withExpressions(schema as JsonSchema)]),
  );
}
