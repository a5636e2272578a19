import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import type { JsonSchema } from "./json-schema.ts";
import { resolveLocalRef } from "./walk-schema.ts";

/** References and `allOf`s that lead to others; more is a circle. */
const MAX_HOPS = 16;

/** The schemas that a value of `schema` must fit, all of them: itself, what it refers to, and its `allOf`. */
export function conjuncts(
  schema: Json | undefined,
  root: JsonSchema,
  hops = MAX_HOPS,
): readonly JsonObject[] {
  if (!isJsonObject(schema) || hops === 0) return [];
  // What stands in it refers to places within it.
  if (schema["$id"] !== undefined && schema !== root) return [];
  const { $ref: ref, allOf: all } = schema;
  const target = typeof ref === "string" ? [resolveLocalRef(root as Json, ref)] : [];
  const others = [...target, ...(Array.isArray(all) ? all : [])];
  return [schema, ...others.flatMap((other) => conjuncts(other, root, hops - 1))];
}
