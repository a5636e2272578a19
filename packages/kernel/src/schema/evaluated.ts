import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { schemaPattern } from "./patterns.ts";
import { resolveLocalRef } from "./walk-schema.ts";

/** Whether a part of the schema takes a value. */
export type Takes = (schema: Json | undefined, value: Json) => boolean;

/** Items or properties that a schema has something to say about; `all` where nothing is left. */
export interface Evaluated {
  all: boolean;
  readonly keys: Set<string | number>;
}

/**
 * What of a list or map a schema evaluates that takes it, as JSON Schema has it: its own keywords, and those of every
 * part that the whole value is held against and fits. `root` is a schema whose references are all `#/$defs/…`.
 */
export function evaluatedBy(
  schema: JsonObject,
  value: readonly Json[] | JsonObject,
  root: JsonObject,
  takes: Takes,
): Evaluated {
  const found: Evaluated = { all: false, keys: new Set() };
  see(schema, false);
  return found;

  function see(part: Json | undefined, isInner: boolean): void {
    if (!isJsonObject(part) || found.all) return;
    if (Array.isArray(value)) seeItems(part, value, isInner);
    else seeProperties(part, value as JsonObject, isInner);
    const { $ref, allOf, anyOf, oneOf, if: condition, then: yes, else: no } = part;
    if (typeof $ref === "string") see(resolveLocalRef(root, $ref), true);
    for (const each of listOf(allOf)) see(each, true);
    for (const each of [...listOf(anyOf), ...listOf(oneOf)])
      if (takes(each, value as Json)) see(each, true);
    if (condition !== undefined) {
      const holds = takes(condition, value as Json);
      if (holds) see(condition, true);
      see(holds ? yes : no, true);
    }
    const { dependentSchemas } = part;
    if (isJsonObject(dependentSchemas) && !Array.isArray(value))
      for (const name of Object.keys(dependentSchemas))
        if (Object.hasOwn(value, name)) see(dependentSchemas[name], true);
  }

  function seeItems(part: JsonObject, items: readonly Json[], isInner: boolean): void {
    const { prefixItems, items: rest, contains, unevaluatedItems } = part;
    if (rest !== undefined || (isInner && unevaluatedItems !== undefined)) found.all = true;
    for (const index of listOf(prefixItems).keys()) found.keys.add(index);
    if (contains === undefined) return;
    for (const [index, item] of items.entries()) if (takes(contains, item)) found.keys.add(index);
  }

  function seeProperties(part: JsonObject, map: JsonObject, isInner: boolean): void {
    const { properties, patternProperties, additionalProperties, unevaluatedProperties } = part;
    if (additionalProperties !== undefined || (isInner && unevaluatedProperties !== undefined))
      found.all = true;
    if (isJsonObject(properties)) for (const name of Object.keys(properties)) found.keys.add(name);
    if (!isJsonObject(patternProperties)) return;
    for (const pattern of Object.keys(patternProperties).map(schemaPattern))
      for (const name of Object.keys(map)) if (pattern.test(name)) found.keys.add(name);
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
