import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { conjuncts, type JsonSchema, wantedBy } from "../schema/index.ts";
import { type RecordType, type Type, typeName } from "./values/cel-type.ts";

export interface TypeMisfit {
  readonly message: string;
  /** What the value itself should be; absent where the misfit is inside it. */
  readonly wanted?: JsonObject;
}

/** Records may refer to themselves. */
const MAX_DEPTH = 6;

/** Why no value of the type fits the schema; undefined where one may. `what` is the value, as the message says it. */
export function typeMisfit(
  type: Type,
  schema: JsonObject,
  root: JsonSchema,
  what: string,
  depth = 0,
): TypeMisfit | undefined {
  const kinds = kindsOf(type);
  if (kinds === undefined || depth > MAX_DEPTH) return undefined;
  if (!wantedKinds(schema).every((wanted) => kinds.some((kind) => isOneOf(kind, wanted))))
    return {
      wanted: schema,
      message: `expected ${wantedBy(schema)}, and ${what} is ${typeName(type)}`,
    };
  if (isOtherTime(type, schema)) {
    const { format } = schema;
    const message = `expected ${wantedBy({ type: "string", format: format as string })}, and ${what} is ${typeName(type)}`;
    return { wanted: schema, message };
  }
  const inside = (one: Type, of: Json | undefined, name: string): TypeMisfit | undefined => {
    for (const each of conjuncts(of, root)) {
      const misfit = typeMisfit(one, each, root, name, depth + 1);
      if (misfit !== undefined) return { message: misfit.message };
    }
    return undefined;
  };
  if (type.kind === "list")
    return schema["prefixItems"] === undefined
      ? inside(type.item, schema["items"], `each item of ${what}`)
      : undefined;
  const { properties, patternProperties, additionalProperties } = schema;
  if (type.kind === "map")
    return properties === undefined && patternProperties === undefined
      ? inside(type.value, additionalProperties, `each value of ${what}`)
      : undefined;
  if (type.kind !== "record" || !isJsonObject(properties)) return undefined;
  for (const name of type.names.filter((one) => Object.hasOwn(properties, one))) {
    const field = type.field(name);
    const misfit = field && inside(field, properties[name], `${name} of ${what}`);
    if (misfit !== undefined) return misfit;
  }
  return hasDefault(root as Json) ? undefined : lacking(type, schema, what);
}

/** A record without other fields than its own lacks what is required besides. */
function lacking(
  { names, rest }: RecordType,
  schema: JsonObject,
  what: string,
): TypeMisfit | undefined {
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const name = required.find((one) => !names.includes(one));
  if (name === undefined || rest !== undefined) return undefined;
  return { message: `${name} is required, and ${what} has no field of that name` };
}

/** What is left out may then be filled in. */
export function hasDefault(schema: Json): boolean {
  return JSON.stringify(schema).includes('"default"');
}

/** The types of JSON Schema that values of the type have as JSON; undefined where that may be any. */
function kindsOf(type: Type): readonly string[] | undefined {
  switch (type.kind) {
    case "dyn": {
      const inner = type.inner && kindsOf(type.inner);
      return inner && [...inner, "null"];
    }
    case "bool":
      return ["boolean"];
    case "int":
      return ["integer"];
    case "double":
      return ["number"];
    case "list":
      return ["array"];
    case "map":
    case "record":
      return ["object"];
    case "null":
      return ["null"];
    default:
      return ["string"];
  }
}

/** Each keyword's own types: a value must be of one of each. */
function wantedKinds(schema: JsonObject): (readonly string[])[] {
  const { type, enum: values, const: only } = schema;
  return [
    ...(type === undefined ? [] : [[type].flat().map(String)]),
    ...(Array.isArray(values) ? [values.map(kindOfValue)] : []),
    ...(only === undefined ? [] : [[kindOfValue(only)]]),
  ];
}

function kindOfValue(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** Of numbers it is known only in a run which of them are whole, but for ints. */
function isOneOf(kind: string, wanted: readonly string[]): boolean {
  if (kind === "integer" || kind === "number")
    return wanted.includes("number") || wanted.includes("integer");
  return wanted.includes(kind);
}

/** Both are text in JSON, in forms that no text has at once. */
function isOtherTime({ kind }: Type, { format }: JsonObject): boolean {
  if (kind === "duration") return format === "date-time" || format === "timestamp";
  return kind === "timestamp" && format === "duration";
}
