import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { SCHEMA_KEYWORDS, SCHEMA_LIST_KEYWORDS, SCHEMA_MAP_KEYWORDS } from "./keywords.ts";

export type SchemaPath = readonly (string | number)[];

/** Calls `visit` on every object schema inside `schema`, itself first. Data (enum, default, …) is not entered. */
export function walkSchema(
  schema: Json | undefined,
  visit: (schema: JsonObject, path: SchemaPath) => void,
  path: SchemaPath = [],
): void {
  if (!isJsonObject(schema)) return;
  visit(schema, path);
  for (const keyword of SCHEMA_KEYWORDS) walkSchema(schema[keyword], visit, [...path, keyword]);
  for (const keyword of SCHEMA_LIST_KEYWORDS) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) walkSchema(item, visit, [...path, keyword, index]);
  }
  for (const keyword of SCHEMA_MAP_KEYWORDS) {
    const map = schema[keyword];
    if (!isJsonObject(map)) continue;
    for (const name of Object.keys(map)) walkSchema(map[name], visit, [...path, keyword, name]);
  }
}

/** What a local reference (`#/$defs/x`) points at, or undefined. */
export function resolveLocalRef(root: Json | undefined, ref: string): Json | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let target = root;
  for (const part of ref.slice(2).split("/")) {
    const key = decodePointer(part);
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, key))
      return undefined;
    target = (target as { readonly [key: string]: Json | undefined })[key];
  }
  return target;
}

function decodePointer(part: string): string {
  const text = part.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
