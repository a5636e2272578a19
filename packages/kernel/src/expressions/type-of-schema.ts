import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import type { JsonSchema } from "../schema/index.ts";
import { resolveLocalRef } from "../schema/walk-schema.ts";
import {
  BOOL,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  MAP,
  NULL,
  nullable,
  STRING,
  TIMESTAMP,
  type Type,
  unify,
} from "./values/cel-type.ts";
import { kindOf } from "./values/values.ts";

/** References that lead to references; more is a circle. */
const MAX_HOPS = 16;

/** Keywords that may say more than the reference beside them. */
const BESIDE_REF = ["properties", "anyOf", "oneOf", "allOf", "if", "patternProperties"];

/**
 * The CEL type of a JSON Schema: declared properties become a record, so that a typo is found at load;
 * what is undeclared is dyn. Fields are worked out when asked for, since schemas may refer to themselves.
 */
export function typeOfSchema(schema: JsonSchema): Type {
  return typeOf(schema, schema, MAX_HOPS);
}

function typeOf(schema: Json | undefined, root: JsonSchema, hops: number): Type {
  if (!isJsonObject(schema) || hops === 0) return DYN;
  // What stands in it refers to places within it.
  if (schema["$id"] !== undefined && schema !== root) return DYN;
  const ref = schema["$ref"];
  if (typeof ref === "string") {
    if (BESIDE_REF.some((keyword) => schema[keyword] !== undefined)) return DYN;
    return typeOf(resolveLocalRef(root as Json, ref), root, hops - 1);
  }
  if (schema["const"] !== undefined) return typeOfValue(schema["const"]);
  if (Array.isArray(schema["enum"])) return unifyAll(schema["enum"].map(typeOfValue));
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) {
    if (schema["properties"] !== undefined || schema["allOf"] !== undefined) return DYN;
    return unifyAll(choices.map((choice: Json) => typeOf(choice, root, hops - 1)));
  }
  const names = [schema["type"]].flat().filter((name) => typeof name === "string");
  const types = names
    .filter((name) => name !== "null")
    .map((name) => namedType(name, schema, root, hops));
  if (types.length === 0)
    return names.length > 0
      ? NULL
      : isJsonObject(schema["properties"])
        ? objectType(schema, root, hops)
        : DYN;
  const type = unifyAll(types);
  return names.includes("null") ? nullable(type) : type;
}

function unifyAll(types: readonly Type[]): Type {
  return types.length === 0 ? DYN : types.reduce(unify);
}

function namedType(name: string, schema: JsonObject, root: JsonSchema, hops: number): Type {
  switch (name) {
    case "string":
      return stringType(schema["format"]);
    case "integer":
      return INT;
    case "number":
      return DOUBLE;
    case "boolean":
      return BOOL;
    case "array":
      return listOf(
        schema["prefixItems"] === undefined ? typeOf(schema["items"], root, hops) : DYN,
      );
    case "object":
      return objectType(schema, root, hops);
    default:
      return DYN;
  }
}

function stringType(format: Json | undefined): Type {
  if (format === "duration") return DURATION;
  return format === "date-time" || format === "timestamp" ? TIMESTAMP : STRING;
}

/** Keywords that may say more of the object than its own properties do. */
const OPENING = [
  "patternProperties",
  "allOf",
  "if",
  "dependentSchemas",
  "$dynamicRef",
  "unevaluatedProperties",
];

function objectType(schema: JsonObject, root: JsonSchema, hops: number): Type {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const names = Object.keys(properties);
  const additional = schema["additionalProperties"];
  if (names.length === 0 && additional !== false) {
    return isJsonObject(additional) ? { kind: "map", value: typeOf(additional, root, hops) } : MAP;
  }
  const isOpen = OPENING.some((keyword) => (schema[keyword] ?? false) !== false);
  const rest =
    isOpen || additional === true
      ? DYN
      : isJsonObject(additional)
        ? typeOf(additional, root, hops)
        : undefined;
  return {
    kind: "record",
    names,
    field: (name) =>
      Object.hasOwn(properties, name) ? typeOf(properties[name], root, MAX_HOPS) : rest,
    ...(rest === undefined ? {} : { rest }),
  };
}

function typeOfValue(value: Json): Type {
  switch (kindOf(value)) {
    case "string":
      return STRING;
    case "int":
      return INT;
    case "double":
      return DOUBLE;
    case "bool":
      return BOOL;
    case "null":
      return NULL;
    case "list":
      return listOf(DYN);
    default:
      return DYN;
  }
}
