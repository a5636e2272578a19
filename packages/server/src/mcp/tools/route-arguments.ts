import { AppError, type JsonObject, nearest } from "@yardmaster/protocol";
import type { z } from "zod";
import type { Route } from "../../http/index.ts";
import type { ApiRequest } from "../api-call.ts";
import type { JsonSchema } from "./tool.ts";
import { toolSchemaOf } from "./tool-schema.ts";

/** The argument that goes as the header `Idempotency-Key`. */
export const KEY_ARGUMENT = "idempotency_key";

export const KEY_SCHEMA: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  pattern: "^[\\x21-\\x7e]+$",
  description:
    "A text of your own that names this very request. Called again with the same key and arguments within 24 hours, it is not done twice: give one where you might have to repeat the call.",
};

/** Where each argument of a tool goes in the request that it makes. */
export interface RouteArguments {
  readonly inputSchema: JsonSchema;
  /** @throws AppError `invalid_request` for an argument that there is not */
  requestOf(args: JsonObject, key: string | undefined): ApiRequest;
}

export interface ArgumentOptions {
  /** Of the query; a route that pages what it has in memory does not say it in its own. */
  readonly query: z.ZodType | undefined;
  readonly isKeyed: boolean;
  /** What the model is not asked for. */
  readonly omit?: readonly string[];
  /** Values of arguments that are not given. */
  readonly defaults?: JsonObject;
  /** Words for arguments that have none of their own, or others than those of the API. */
  readonly words?: { readonly [argument: string]: string };
}

/** Path, query and body of a route as one flat map of arguments. */
export function routeArguments(route: Route, options: ArgumentOptions): RouteArguments {
  const { omit = [], defaults = {}, words = {} } = options;
  const places = {
    path: objectOf(route.params),
    query: objectOf(options.query),
    body: objectOf(route.body),
  };
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const place of Object.values(places))
    for (const [name, schema] of Object.entries(place.properties)) {
      if (name in properties) throw new Error(`${route.path} has two arguments ${name} (m7a2)`);
      if (omit.includes(name)) continue;
      const said = words[name];
      properties[name] = {
        ...schema,
        ...(said !== undefined && { description: said }),
        ...(name in defaults && { default: defaults[name] }),
      };
      if (place.required.includes(name) && !(name in defaults)) required.push(name);
    }
  if (options.isKeyed) properties[KEY_ARGUMENT] = KEY_SCHEMA;
  const names = Object.keys(properties);

  function requestOf(args: JsonObject, callKey: string | undefined): ApiRequest {
    for (const name of Object.keys(args)) refuseUnknown(name, names);
    const given = { ...defaults, ...args };
    const part = (place: Place): JsonObject =>
      Object.fromEntries(Object.entries(given).filter(([name]) => name in place.properties));
    const key = options.isKeyed ? (args[KEY_ARGUMENT] ?? callKey) : undefined;
    return {
      method: route.method,
      path: `${pathOf(route.path, args)}${queryOf(part(places.query))}`,
      ...(key !== undefined && { headers: { "idempotency-key": textOf(key) } }),
      ...(route.body !== undefined && { body: part(places.body) }),
    };
  }

  return {
    inputSchema: { type: "object", properties, ...(required.length > 0 && { required }) },
    requestOf,
  };
}

interface Place {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

function objectOf(schema: z.ZodType | undefined): Place {
  if (schema === undefined) return { properties: {}, required: [] };
  const { properties = {}, required = [] } = toolSchemaOf(schema, "input") as Partial<Place>;
  return { properties, required };
}

/** @throws AppError `invalid_request` */
export function refuseUnknown(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = nearest(name, [...names]);
  const hint =
    near === undefined
      ? `the arguments are ${names.join(", ") || "none"}`
      : `did you mean ${near}?`;
  throw new AppError("invalid_request", `There is no argument ${name}: ${hint}`, {
    errors: [{ path: `/${name}`, message: "is not an argument of this tool", hint }],
  });
}

function pathOf(template: string, args: JsonObject): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => segmentOf(name, args[name]));
}

/**
 * The value of an argument as one segment of a path. `.` and `..` would lead to another one, however they are encoded.
 * @throws AppError `invalid_request` where it names nothing
 */
export function segmentOf(name: string, value: unknown): string {
  const problem = (what: string): AppError =>
    new AppError("invalid_request", `The argument ${name} ${what}`, {
      errors: [{ path: `/${name}`, message: what }],
    });
  if (value === undefined || value === null || value === "") throw problem("is needed");
  const text = textOf(value);
  if (text === "." || text === "..") throw problem(`names nothing: "${text}"`);
  return encodeURIComponent(text);
}

function queryOf(part: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(part))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined) query.append(name, textOf(one));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
