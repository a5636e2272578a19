import { isJsonObject, type Json, type JsonObject, nearest } from "@yardmaster/protocol";
import { firstErrorAjv } from "./ajv.ts";
import {
  type JsonSchema,
  MAX_SCHEMA_BYTES,
  MAX_SCHEMA_DEPTH,
  type SchemaError,
} from "./json-schema.ts";
import { KEYWORDS } from "./keywords.ts";
import { schemaPatternProblem } from "./patterns.ts";
import { resolveLocalRef, type SchemaPath, walkSchema } from "./walk-schema.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * What is wrong with a schema that a person wrote: it must be JSON Schema 2020-12, refer only to itself,
 * and be at most 256 KiB of JSON and 64 levels deep. An empty list says that compileValidator takes it.
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
  if ($schema !== undefined && $schema !== DIALECT && $schema !== `${DIALECT}#`) {
    return [
      {
        path: ["$schema"],
        message: "only JSON Schema 2020-12 is understood",
        hint: `leave $schema out, or write ${DIALECT}`,
      },
    ];
  }
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
  const errors: SchemaError[] = [];
  walkSchema(root, (schema, path) => {
    for (const keyword of Object.keys(schema)) {
      const error = keywordError(root, keyword, schema[keyword]);
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
  root: JsonObject,
  keyword: string,
  value: Json | undefined,
): Omit<SchemaError, "path"> | undefined {
  if (
    keyword === "$id" ||
    keyword === "$anchor" ||
    keyword === "$dynamicAnchor" ||
    keyword === "$dynamicRef"
  ) {
    return { message: `${keyword} is not supported`, hint: 'use $defs and "$ref": "#/$defs/name"' };
  }
  if (keyword === "$ref" && typeof value === "string") return refError(root, value);
  if (KEYWORDS.has(keyword)) return undefined;
  const near = nearest(keyword, KEYWORDS);
  return near === undefined
    ? undefined
    : { message: `${keyword} is not a keyword of JSON Schema`, hint: `did you mean "${near}"?` };
}

function refError(root: JsonObject, ref: string): Omit<SchemaError, "path"> | undefined {
  if (!ref.startsWith("#")) {
    return {
      message: "a $ref may only lead into its own schema; nothing is fetched",
      hint: 'put the schema under $defs and write "$ref": "#/$defs/name"',
    };
  }
  const target = resolveLocalRef(root, ref);
  if (typeof target === "boolean" || isJsonObject(target)) return undefined;
  const names = isJsonObject(root["$defs"])
    ? Object.keys(root["$defs"]).map((name) => `#/$defs/${name}`)
    : [];
  const near = nearest(ref, names);
  return {
    message: `${ref} leads nowhere`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function compileErrors(root: JsonSchema): SchemaError[] {
  try {
    firstErrorAjv.compile(root as JsonObject);
    return [];
  } catch (error) {
    return [{ path: [], message: error instanceof Error ? error.message : String(error) }];
  } finally {
    firstErrorAjv.removeSchema(root as JsonObject);
  }
}
