import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { resolveLocalRef, type SchemaPath, subschemasOf } from "./walk-schema.ts";

/** A schema with an `$id` of its own, or the whole: what its references and anchors are said within. */
export interface Resource {
  readonly uri: string;
  readonly schema: JsonObject;
  /** By name; those of `$dynamicAnchor` are in both. */
  readonly anchors: Map<string, JsonObject>;
  readonly dynamic: Map<string, JsonObject>;
}

/** Where a reference leads. */
export interface Target {
  readonly schema: Json;
  readonly resource: Resource;
  /** The name of the `$dynamicAnchor` by which it was found. */
  readonly dynamic?: string;
}

export interface Resources {
  readonly root: Resource;
  /** The resource that a schema stands in. */
  of(schema: JsonObject): Resource;
  resolve(ref: string, from: Resource): Target | undefined;
  /** Identifiers that are none, or that are given twice. */
  readonly flaws: readonly { readonly path: SchemaPath; readonly message: string }[];
}

/** What a schema is resolved against that says no `$id`. */
const NO_ID = "schema:///";

/** The resources of a schema, by its `$id`s and anchors. Nothing outside of it is known. */
export function resourcesOf(root: JsonObject): Resources {
  const byUri = new Map<string, Resource>();
  const owners = new Map<JsonObject, Resource>();
  const flaws: { path: SchemaPath; message: string }[] = [];
  enter(root, undefined, []);

  function enter(schema: Json | undefined, above: Resource | undefined, path: SchemaPath): void {
    if (!isJsonObject(schema)) return;
    const resource = resourceOf(schema, above, path);
    owners.set(schema, resource);
    for (const keyword of ["$anchor", "$dynamicAnchor"] as const) {
      const name = schema[keyword];
      if (typeof name !== "string") continue;
      if (resource.anchors.has(name) && resource.anchors.get(name) !== schema)
        flaws.push({ path: [...path, keyword], message: `there are two anchors "${name}"` });
      resource.anchors.set(name, schema);
      if (keyword === "$dynamicAnchor") resource.dynamic.set(name, schema);
    }
    for (const [place, inner] of subschemasOf(schema)) enter(inner, resource, [...path, ...place]);
  }

  function resourceOf(schema: JsonObject, above: Resource | undefined, path: SchemaPath): Resource {
    const { $id: id } = schema;
    if (above !== undefined && typeof id !== "string") return above;
    const base = above?.uri ?? NO_ID;
    const uri = typeof id === "string" ? absolute(id, base) : base;
    if (uri === undefined) flaws.push({ path: [...path, "$id"], message: `"${id}" is no URI` });
    else if (byUri.has(uri))
      flaws.push({ path: [...path, "$id"], message: `there are two schemas with the $id "${id}"` });
    const made = { uri: uri ?? base, schema, anchors: new Map(), dynamic: new Map() };
    byUri.set(made.uri, made);
    return made;
  }

  return {
    root: owners.get(root) as Resource,
    of: (schema) => owners.get(schema) as Resource,
    flaws,
    resolve(ref, from) {
      const uri = absolute(ref, from.uri);
      const resource = uri === undefined ? undefined : byUri.get(uri);
      if (resource === undefined) return undefined;
      const fragment = decoded(ref.includes("#") ? ref.slice(ref.indexOf("#") + 1) : "");
      if (fragment === "") return { schema: resource.schema, resource };
      if (!fragment.startsWith("/")) return anchored(fragment, resource);
      const schema = resolveLocalRef(resource.schema, `#${fragment}`);
      if (schema === undefined) return undefined;
      return { schema, resource: (isJsonObject(schema) && owners.get(schema)) || resource };
    },
  };
}

function anchored(name: string, resource: Resource): Target | undefined {
  const schema = resource.anchors.get(name);
  if (schema === undefined) return undefined;
  return { schema, resource, ...(resource.dynamic.get(name) === schema && { dynamic: name }) };
}

/** Without its fragment. */
function absolute(ref: string, base: string): string | undefined {
  if (!URL.canParse(ref, base)) return undefined;
  const url = new URL(ref, base);
  url.hash = "";
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
