import { isJsonObject, type Json, type JsonObject, nearest } from "@yardmaster/protocol";
import { firstErrorAjv } from "./ajv.ts";
import { DIALECT, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH, type SchemaError } from "./json-schema.ts";
import { KEYWORDS } from "./keywords.ts";
import { schemaPatternProblem } from "./patterns.ts";
import { plainSchema } from "./plain-schema.ts";
import { type Resource, type Resources, resourcesOf } from "./resources.ts";
import { type SchemaPath, walkSchema } from "./walk-schema.ts";

/**
 * What is wrong with a schema that a person wrote: it must be JSON Schema 2020-12, refer only to itself (or to the
 * schema of schemas), and be at most 256 KiB of JSON and 64 levels deep. An empty list says that compileValidator
 * takes it.
 */
export function checkJsonSchema(schema: unknown): SchemaError[] {
  if (typeof schema === "boolean") return [];
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    return [{ path: [], message: "a JSON Schema must be a map, true or false" }];
  }
  const size = sizeErrors(schema);
  if (size.length > 0) return size;
  const root = schema as JsonObject;
  const errors = [...dialectErrors(root), ...ownErrors(root)];
  return errors.length > 0 ? errors : compileErrors(root);
}

function sizeErrors(schema: object): SchemaError[] {
  const depth = depthOf(schema, 0);
  if (depth > MAX_SCHEMA_DEPTH) {
    return [{ path: [], message: `the schema is more than ${MAX_SCHEMA_DEPTH} levels deep` }];
  }
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes <= MAX_SCHEMA_BYTES) return [];
  return [{ path: [], message: `the schema has ${bytes} bytes; ${MAX_SCHEMA_BYTES} are allowed` }];
}

/** Depth of nesting, counted no further than one past the limit: the value may be a cycle. */
function depthOf(value: unknown, above: number): number {
  if (typeof value !== "object" || value === null || above > MAX_SCHEMA_DEPTH) return above;
  let deepest = above + 1;
  for (const child of Object.values(value)) {
    if (deepest > MAX_SCHEMA_DEPTH) break;
    deepest = Math.max(deepest, depthOf(child, above + 1));
  }
  return deepest;
}

function dialectErrors(root: JsonObject): SchemaError[] {
  const { $schema, ...rest } = root;
  const other = dialectError($schema);
  if (other !== undefined) return [{ path: ["$schema"], ...other }];
  if (firstErrorAjv.validateSchema(rest) === true) return [];
  const seen = new Set<string>();
  const errors: SchemaError[] = [];
  for (const error of firstErrorAjv.errors ?? []) {
    const place = error.instancePath;
    if (seen.has(place)) continue;
    seen.add(place);
    const path = place
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    errors.push({
      path,
      message: metaMessage(error.message ?? "is not valid", error.params),
      ...metaHint(path),
    });
  }
  return errors;
}

export function dialectError($schema: Json | undefined): Omit<SchemaError, "path"> | undefined {
  if ($schema === undefined || $schema === DIALECT || $schema === `${DIALECT}#`) return undefined;
  return {
    message: "only JSON Schema 2020-12 is understood",
    hint: `leave $schema out, or write ${DIALECT}`,
  };
}

function metaMessage(
  message: string,
  params: { readonly allowedValues?: readonly unknown[] },
): string {
  return params.allowedValues === undefined
    ? message
    : `must be one of ${params.allowedValues.join(", ")}`;
}

function metaHint(path: SchemaPath): { hint?: string } {
  if (path.at(-1) !== "required") return {};
  return { hint: "inside a JSON Schema, required is a list of property names" };
}

function ownErrors(root: JsonObject): SchemaError[] {
  const resources = resourcesOf(root);
  const errors: SchemaError[] = [...resources.flaws];
  walkSchema(root, (schema, path) => {
    for (const keyword of Object.keys(schema)) {
      const error = keywordError(resources, schema, keyword);
      if (error !== undefined) errors.push({ path: [...path, keyword], ...error });
    }
    for (const [place, pattern] of patternsOf(schema)) {
      const message = schemaPatternProblem(pattern);
      if (message !== undefined) errors.push({ path: [...path, ...place], message });
    }
  });
  return errors;
}

function patternsOf({ pattern, patternProperties }: JsonObject): [SchemaPath, string][] {
  const own: [SchemaPath, string][] = typeof pattern === "string" ? [[["pattern"], pattern]] : [];
  if (!isJsonObject(patternProperties)) return own;
  const ofNames = Object.keys(patternProperties).map((name): [SchemaPath, string] => [
    ["patternProperties", name],
    name,
  ]);
  return [...own, ...ofNames];
}

function keywordError(
  resources: Resources,
  schema: JsonObject,
  keyword: string,
): Omit<SchemaError, "path"> | undefined {
  const value = schema[keyword];
  if (keyword === "$ref" || keyword === "$dynamicRef")
    return typeof value === "string" ? refError(resources, value, resources.of(schema)) : undefined;
  if (KEYWORDS.has(keyword)) return undefined;
  const near = nearest(keyword, KEYWORDS);
  return near === undefined
    ? undefined
    : { message: `${keyword} is not a keyword of JSON Schema`, hint: `did you mean "${near}"?` };
}

function refError(
  resources: Resources,
  ref: string,
  from: Resource,
): Omit<SchemaError, "path"> | undefined {
  if (ref === DIALECT) return undefined;
  const target = resources.resolve(ref, from)?.schema;
  if (typeof target === "boolean" || isJsonObject(target)) return undefined;
  const near = nearest(ref, namesIn(from));
  if (near !== undefined)
    return { message: `${ref} leads nowhere`, hint: `did you mean "${near}"?` };
  if (ref.startsWith("#")) return { message: `${ref} leads nowhere` };
  return {
    message: "a $ref may only lead into its own schema; nothing is fetched",
    hint: 'put the schema under $defs and write "$ref": "#/$defs/name", or its $id',
  };
}

function namesIn({ schema, anchors }: Resource): readonly string[] {
  const defs = isJsonObject(schema["$defs"]) ? Object.keys(schema["$defs"]) : [];
  return [
    ...defs.map((name) => `#/$defs/${name}`),
    ...[...anchors.keys()].map((name) => `#${name}`),
  ];
}

function compileErrors(root: JsonObject): SchemaError[] {
  let plain: JsonObject | undefined;
  try {
    plain = plainSchema(root);
    firstErrorAjv.compile(plain);
    return [];
  } catch (error) {
    return [{ path: [], message: error instanceof Error ? error.message : String(error) }];
  } finally {
    if (plain !== undefined) firstErrorAjv.removeSchema(plain);
  }
}
