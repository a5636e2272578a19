import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { type Resource, type Resources, resourcesOf, type Target } from "./resources.ts";
import { subschemasOf, walkSchema } from "./walk-schema.ts";

/** What a schema may come to when each way into one of its parts is written out. */
const MAX_COPIED = 20_000;

/** Which resource a name of `$dynamicAnchor` means: the outermost on the way here that has it. */
type DynamicScope = ReadonlyMap<string, Resource>;

const IDENTIFIERS = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$schema"];
const DEFINITIONS = ["$defs", "definitions"];

/**
 * The same schema with all its references as `#/$defs/…`: Ajv refuses `#`, and takes a `$dynamicRef` into another
 * resource, and pointers below an `$id`, for what they are not.
 * A `$dynamicRef` means what it does by the way that led to it, of which there are finitely many: a part that is reached
 * by two ways that differ in it is written twice.
 */
export function plainSchema(root: JsonObject): JsonObject {
  return isPlain(root) ? root : writeOut(root, resourcesOf(root));
}

function isPlain(root: JsonObject): boolean {
  let isSo = true;
  walkSchema(root, (schema, path) => {
    const isNamed = IDENTIFIERS.some(
      (keyword) => schema[keyword] !== undefined && (keyword !== "$schema" || path.length > 0),
    );
    const ref = schema["$ref"];
    if (isNamed || isUnevaluated(schema) || (typeof ref === "string" && !ref.startsWith("#/")))
      isSo = false;
  });
  return isSo;
}

function isUnevaluated(schema: JsonObject): boolean {
  return schema["unevaluatedProperties"] !== undefined || schema["unevaluatedItems"] !== undefined;
}

function writeOut(root: JsonObject, resources: Resources): JsonObject {
  const defs: { [name: string]: Json } = {};
  const names = new Map<Json, Map<string, string>>();
  const left: (() => void)[] = [];
  let copied = 0;

  function copy(schema: JsonObject, above: Resource, scope: DynamicScope): JsonObject {
    copied++;
    if (copied > MAX_COPIED)
      throw new Error("written out, the references of this schema come to too much");
    const resource = resources.of(schema) ?? above;
    const inner = entered(scope, resource);
    const made: { [keyword: string]: Json } = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (IDENTIFIERS.includes(keyword) || DEFINITIONS.includes(keyword)) continue;
      made[keyword] = value as Json;
    }
    for (const [place, value] of subschemasOf(schema)) {
      const [keyword = "", key] = place;
      if (DEFINITIONS.includes(String(keyword))) continue;
      const part = isJsonObject(value) ? copy(value, resource, inner) : (value as Json);
      if (key === undefined) made[keyword] = part;
      else made[keyword] = withPart(schema[keyword], made[keyword], key, part);
    }
    const refs = [refOf(schema["$ref"]), dynamicRefOf(schema["$dynamicRef"])].filter(
      (ref) => ref !== undefined,
    );
    delete made["$ref"];
    const [first, ...more] = refs;
    if (first !== undefined) made["$ref"] = first;
    if (more.length > 0)
      made["allOf"] = [...((made["allOf"] as Json[]) ?? []), ...more.map(($ref) => ({ $ref }))];
    return made;

    function refOf(ref: Json | undefined): string | undefined {
      if (typeof ref !== "string") return undefined;
      const target = resources.resolve(ref, resource);
      return target === undefined ? ref : nameOf(target, inner);
    }

    function dynamicRefOf(ref: Json | undefined): string | undefined {
      if (typeof ref !== "string") return undefined;
      const target = resources.resolve(ref, resource);
      const outermost = target?.dynamic === undefined ? undefined : inner.get(target.dynamic);
      if (target === undefined || outermost === undefined) return refOf(ref);
      const found = outermost.dynamic.get(target.dynamic as string) as JsonObject;
      return nameOf({ schema: found, resource: outermost }, inner);
    }
  }

  function nameOf({ schema, resource }: Target, scope: DynamicScope): string {
    const inner = entered(scope, resource);
    const key = [...inner]
      .map(([name, { uri }]) => `${name} ${uri}`)
      .sort()
      .join("\n");
    const known = names.get(schema) ?? new Map<string, string>();
    names.set(schema, known);
    const name = known.get(key) ?? `r${Object.keys(defs).length + 1}`;
    if (!known.has(key)) {
      known.set(key, name);
      defs[name] = true;
      if (!isJsonObject(schema)) defs[name] = schema;
      else left.push(() => (defs[name] = copy(schema, resource, inner)));
    }
    return `#/$defs/${name}`;
  }

  const whole = copy(root, resources.root, new Map());
  for (let next = left.pop(); next !== undefined; next = left.pop()) next();
  return Object.keys(defs).length === 0 ? whole : { ...whole, $defs: defs };
}

function entered(scope: DynamicScope, resource: Resource): DynamicScope {
  const added = [...resource.dynamic.keys()].filter((name) => !scope.has(name));
  if (added.length === 0) return scope;
  return new Map([...scope, ...added.map((name) => [name, resource] as const)]);
}

/** A list or map of schemas with one of them replaced. */
function withPart(
  original: Json | undefined,
  made: Json | undefined,
  key: string | number,
  part: Json,
): Json {
  const isFresh = made !== original;
  if (Array.isArray(original)) {
    const list = isFresh ? (made as Json[]) : [...original];
    list[key as number] = part;
    return list;
  }
  const map = (isFresh ? made : { ...(original as JsonObject) }) as { [name: string]: Json };
  Object.defineProperty(map, key, {
    value: part,
    ...{ enumerable: true, configurable: true, writable: true },
  });
  return map;
}
