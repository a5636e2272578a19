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
  for (const [place, inner] of subschemasOf(schema)) walkSchema(inner, visit, [...path, ...place]);
}

/** What stands directly in a schema where its keywords hold schemas, with the way there. */
export function subschemasOf(schema: JsonObject): readonly [SchemaPath, Json | undefined][] {
  const found: [SchemaPath, Json | undefined][] = [];
  for (const keyword of SCHEMA_KEYWORDS)
    if (schema[keyword] !== undefined) found.push([[keyword], schema[keyword]]);
  for (const keyword of SCHEMA_LIST_KEYWORDS) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) found.push([[keyword, index], item]);
  }
  for (const keyword of SCHEMA_MAP_KEYWORDS) {
    const map = schema[keyword];
    if (!isJsonObject(map)) continue;
    for (const name of Object.keys(map)) found.push([[keyword, name], map[name]]);
  }
  return found;
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
