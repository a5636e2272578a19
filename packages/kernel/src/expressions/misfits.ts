import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { compileValidator, conjuncts, type JsonSchema, wantedBy } from "../schema/index.ts";
import type { CompileError } from "./expression.ts";
import type { Gives, GivesOfExpression } from "./gives.ts";
import { hasDefault, typeMisfit } from "./type-misfit.ts";
import { STRING } from "./values/cel-type.ts";
import { wayOut } from "./way-out.ts";

/** Schemas may refer to themselves: more than these are not looked at. */
const MAX_LOOKS = 2_000;

type Path = CompileError["path"];

interface Search {
  readonly root: JsonSchema;
  readonly found: CompileError[];
  looksLeft: number;
}

/**
 * What of a template's value cannot fit the schema, as far as it is known at load. Only what is sure to be refused: of
 * values of any kind and of schemas with choices nothing is said. The names of the outermost map are the caller's.
 */
export function misfitsOf(gives: Gives, schema: JsonSchema): readonly CompileError[] {
  const search: Search = { root: schema, found: [], looksLeft: MAX_LOOKS };
  look(search, gives, schema as Json, []);
  return search.found;
}

function look(search: Search, gives: Gives, schema: Json | undefined, path: Path): void {
  for (const one of conjuncts(schema, search.root)) {
    if (search.looksLeft-- <= 0) return;
    const before = search.found.length;
    lookAtOne(search, gives, one, path);
    if (search.found.length > before) return;
  }
}

function lookAtOne(search: Search, gives: Gives, schema: JsonObject, path: Path): void {
  switch (gives.kind) {
    case "value":
      return lookAtValue(search, gives.value, schema, path);
    case "expression":
      return lookAtExpression(search, gives, schema, path);
    case "text": {
      const misfit = typeMisfit(STRING, schema, search.root, "text around ${{ }}");
      if (misfit !== undefined)
        note(search, path, 0, misfit.message, "write the ${{ }} alone, and it keeps its type");
      return;
    }
    case "list":
      return lookAtList(search, gives.items, schema, path);
    case "map":
      return lookAtMap(search, gives.entries, schema, path);
  }
}

function note(search: Search, path: Path, offset: number, message: string, hint?: string): void {
  search.found.push({ path, offset, message, ...(hint === undefined ? {} : { hint }) });
}

function lookAtValue(search: Search, value: Json, schema: JsonObject, path: Path): void {
  if (!isWhole(schema)) return;
  const checked = compileValidator(schema).validate(value);
  for (const error of checked.ok ? [] : checked.errors) {
    const inside = error.path.split("/").slice(1);
    note(search, [...path, ...inside], 0, error.message, error.hint);
  }
}

function lookAtExpression(
  search: Search,
  { source, offset, type, value }: GivesOfExpression,
  schema: JsonObject,
  path: Path,
): void {
  const misfit = typeMisfit(type, schema, search.root, `\${{ ${shortened(source)} }}`);
  if (misfit !== undefined)
    note(search, path, offset, misfit.message, wayOut(misfit, source, type));
  else if (value !== undefined && isWhole(schema)) {
    const checked = compileValidator(schema).validate(value);
    const error = checked.ok ? undefined : checked.errors[0];
    if (error !== undefined) note(search, path, offset, error.message, error.hint);
  }
}

const MAX_SOURCE = 60;

function shortened(source: string): string {
  return source.length <= MAX_SOURCE ? source : `${source.slice(0, MAX_SOURCE)}…`;
}

/** A part of a schema that refers to nothing outside itself. */
function isWhole(schema: JsonObject): boolean {
  return !/"\$(ref|dynamicRef)"/.test(JSON.stringify(schema));
}

function lookAtList(search: Search, items: readonly Gives[], schema: JsonObject, path: Path): void {
  if (refusesKind(search, "array", "a list", schema, path)) return;
  const { prefixItems, items: rest } = schema;
  const first = Array.isArray(prefixItems) ? prefixItems : [];
  for (const [index, item] of items.entries())
    look(search, item, index < first.length ? first[index] : rest, [...path, index]);
}

function lookAtMap(
  search: Search,
  entries: ReadonlyMap<string, Gives>,
  schema: JsonObject,
  path: Path,
): void {
  if (refusesKind(search, "object", "an object", schema, path)) return;
  const { properties, patternProperties, additionalProperties: rest } = schema;
  const declared = isJsonObject(properties) ? properties : {};
  for (const [name, value] of entries) {
    const inside = [...path, name];
    if (Object.hasOwn(declared, name)) look(search, value, declared[name], inside);
    else if (patternProperties !== undefined) continue;
    else if (rest !== false) look(search, value, rest, inside);
    else if (path.length > 0) note(search, inside, 0, "there is no such field", known(declared));
  }
  if (path.length > 0) lookForRequired(search, entries, schema, path);
}

function known(declared: JsonObject): string | undefined {
  const names = Object.keys(declared);
  return names.length === 0 || names.length > 12 ? undefined : `there is ${names.join(", ")}`;
}

function lookForRequired(
  search: Search,
  entries: ReadonlyMap<string, Gives>,
  schema: JsonObject,
  path: Path,
): void {
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  if (hasDefault(search.root as Json)) return;
  for (const name of required)
    if (!entries.has(name)) note(search, [...path, name], 0, "it is required");
}

function refusesKind(
  search: Search,
  type: string,
  got: string,
  schema: JsonObject,
  path: Path,
): boolean {
  const types = schema["type"] === undefined ? undefined : [schema["type"]].flat();
  if (types === undefined || types.includes(type)) return false;
  note(search, path, 0, `expected ${wantedBy(schema)}, got ${got}`);
  return true;
}
