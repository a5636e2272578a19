import type { Json, JsonObject } from "@yardmaster/protocol";
import {
  KEYWORDS,
  SCHEMA_KEYWORDS,
  SCHEMA_LIST_KEYWORDS,
  SCHEMA_MAP_KEYWORDS,
} from "../../schema/keywords.ts";
import { SHORT_TYPES } from "../../schema/short-form.ts";
import { type Key, key } from "./closed-map.ts";

/** `input`, `output` and their whole JSON Schemas, for actions and workflows. */

const JSON_TYPES = ["string", "integer", "number", "boolean", "object", "array", "null"];
const SCHEMA: JsonObject = { $ref: "#/$defs/json_schema" };

const SHORT_FORM: JsonObject = {
  type: "string",
  pattern: `^\\s*(?:${SHORT_TYPES.join("|")})(?:\\[\\])*\\*?!?\\s*$`,
  examples: SHORT_TYPES.flatMap((type) => [type, `${type}!`]),
};

export const FIELDS_DEFS: { readonly [name: string]: JsonObject } = {
  fields: {
    type: ["object", "null"],
    additionalProperties: {
      anyOf: [SHORT_FORM, { $ref: "#/$defs/field" }],
    },
  },
  field: {
    type: ["object", "boolean"],
    properties: {
      ...keywords(),
      type: typeOf([...new Set([...JSON_TYPES, ...SHORT_TYPES])]),
      required: {
        description: "Whether the field must be given; inside an object, the names that must be.",
        type: ["boolean", "array"],
        items: { type: "string" },
      },
    },
  },
  json_schema: { type: ["object", "boolean"], properties: keywords() },
};

export function fieldKeys(name: "input" | "output"): { readonly [key: string]: Key } {
  const gives = name === "input" ? "What it takes" : "What it gives";
  return {
    [name]: key(
      `${gives}: a map of names to types such as string!, integer, "string[]", or to JSON Schemas.`,
      { $ref: "#/$defs/fields" },
    ),
    [`${name}_schema`]: key(`${gives}, as a whole JSON Schema 2020-12.`, SCHEMA),
  };
}

/** Typed as far as an editor can help; the compiler checks the rest. */
function keywords(): JsonObject {
  return Object.fromEntries([...KEYWORDS].map((name) => [name, keyword(name)]));
}

function keyword(name: string): Json {
  const has = (names: readonly string[]): boolean => names.includes(name);
  if (has(SCHEMA_KEYWORDS)) return SCHEMA;
  if (has(SCHEMA_LIST_KEYWORDS)) return { type: "array", items: SCHEMA };
  if (has(SCHEMA_MAP_KEYWORDS)) return { type: "object", additionalProperties: SCHEMA };
  if (name === "type") return typeOf(JSON_TYPES);
  if (name === "required") return { type: "array", items: { type: "string" } };
  if (name === "enum") return { type: "array" };
  return true;
}

function typeOf(names: readonly string[]): JsonObject {
  const single = { enum: [...names] };
  const short = { type: "string", pattern: SHORT_FORM["pattern"] as string };
  const list = { type: "array", items: { enum: JSON_TYPES } };
  return { anyOf: names.length > JSON_TYPES.length ? [single, short, list] : [single, list] };
}
