import { type JsonSchema, SCHEMA_MAP_KEYWORDS } from "@yardmaster/kernel";
import { isJsonObject, type Json } from "@yardmaster/protocol";

/** What drafts after 7 have brought, and the names of schemas; `$defs` is only a place, to which any reference leads. */
const LATER: readonly string[] = [
  "$schema",
  "$id",
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$vocabulary",
  "prefixItems",
  "minContains",
  "maxContains",
  "unevaluatedItems",
  "unevaluatedProperties",
  "dependentRequired",
  "dependentSchemas",
  "contentSchema",
];
const OF_SCHEMAS: readonly string[] = SCHEMA_MAP_KEYWORDS;
const OF_DATA: readonly string[] = ["const", "enum", "default", "examples"];

/**
 * The schema as Claude Code takes it, which checks it by draft 7 and refuses what it does not know. An answer is held
 * to what was left out here when the step's output is.
 */
export function draft7Schema(schema: JsonSchema): JsonSchema {
  return inDraft7(schema as Json) as JsonSchema;
}

function inDraft7(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(inDraft7);
  if (!isJsonObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !LATER.includes(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value = null]) => [keyword, valueInDraft7(keyword, value)]),
  );
}

function valueInDraft7(keyword: string, value: Json): Json {
  if (OF_DATA.includes(keyword)) return value;
  if (!OF_SCHEMAS.includes(keyword) || !isJsonObject(value)) return inDraft7(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, schema = null]) => [name, inDraft7(schema)]),
  );
}
