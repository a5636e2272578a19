import { nearest } from "@yardmaster/protocol";
import { Failure } from "../failure.ts";
import { allocate, type Frame, step } from "../frame.ts";
import { textOf } from "../functions/conversion-functions.ts";
import { equal } from "../values/equality.ts";
import { extreme, sortedBy } from "../values/order.ts";
import { setMember } from "../values/to-json.ts";
import { type Kind, kindOf, type Members } from "../values/values.ts";
import { type Query, queryFailure } from "./select.ts";
import { refuse } from "./tokens.ts";

/** The functions of JMESPath (jmespath.org/specification.html, Built-in Functions). */

type Type = "number" | "string" | "boolean" | "array" | "object" | "null";
type List = readonly unknown[];

interface Definition {
  /** What each argument may be: any of these, anything (`any`), or a query for each item (`query`). */
  readonly takes: readonly (
    | readonly Type[]
    | "any"
    | "query"
    | "numbers"
    | "strings"
    | "ordered"
  )[];
  /** The last of `takes` may be given any number of times. */
  readonly isVariadic?: true;
  apply(args: readonly never[], frame: Frame): unknown;
}

function define<Args extends readonly unknown[]>(
  takes: Definition["takes"],
  apply: (args: Args, frame: Frame) => unknown,
  isVariadic?: true,
): Definition {
  const definition = { takes, apply: apply as unknown as Definition["apply"] };
  return isVariadic === undefined ? definition : { ...definition, isVariadic };
}

const NUMBER = ["number"] as const;
const STRING = ["string"] as const;
const ARRAY = ["array"] as const;
const OBJECT = ["object"] as const;

function keysBy(list: List, key: Query, frame: Frame): readonly unknown[] | Failure {
  const keys: unknown[] = [];
  for (const item of list) {
    const value = step(frame, 1) ?? key(item, frame);
    if (value instanceof Failure) return value;
    if (typeof value !== "number" && typeof value !== "string")
      return queryFailure(`the keys to order by are numbers or strings, not ${typeOf(value)}`);
    keys.push(value);
  }
  return keys;
}

function extremeBy(name: string, op: "<" | ">") {
  return ([list, key]: readonly [List, Query], frame: Frame): unknown => {
    const keys = keysBy(list, key, frame);
    if (keys instanceof Failure) return keys;
    if (keys.length === 0) return null;
    const best = extreme(name, op, keys, frame);
    return best instanceof Failure ? best : list[keys.indexOf(best)];
  };
}

function extremeOf(name: string, op: "<" | ">") {
  return ([list]: readonly [List], frame: Frame): unknown =>
    list.length === 0 ? null : extreme(name, op, list, frame);
}

function sum(list: readonly number[], frame: Frame): number | Failure {
  return step(frame, list.length) ?? list.reduce((total, value) => total + value, 0);
}

function contains([where, what]: readonly [string | List, unknown], frame: Frame): unknown {
  if (typeof where === "string") {
    const cost = ((where.length + String(what).length) >> 4) * (1 + (String(what).length >> 8));
    return typeof what === "string" ? (step(frame, cost) ?? where.includes(what)) : false;
  }
  for (const item of where) {
    const isSame = step(frame, 1) ?? equal(item, what, frame);
    if (isSame !== false) return isSame;
  }
  return false;
}

function length([value]: readonly [string | List | Members], frame: Frame): unknown {
  if (typeof value === "string") return step(frame, value.length >> 4) ?? [...value].length;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function merge(maps: readonly Members[], frame: Frame): unknown {
  const result: { [key: string]: unknown } = {};
  for (const [key, value] of maps.flatMap((map) => Object.entries(map))) {
    const tooLarge = allocate(frame, 1);
    if (tooLarge !== undefined) return tooLarge;
    setMember(result, key, value);
  }
  return result;
}

function join([by, list]: readonly [string, readonly string[]], frame: Frame): unknown {
  const size = list.reduce((total, text) => total + text.length + by.length, 0);
  return allocate(frame, size) ?? list.join(by);
}

function map([key, list]: readonly [Query, List], frame: Frame): unknown {
  const result: unknown[] = [];
  for (const item of list) {
    const value = allocate(frame, 1) ?? step(frame, 1) ?? key(item, frame);
    if (value instanceof Failure) return value;
    result.push(value);
  }
  return result;
}

const MAX_NUMBER_TEXT = 400;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function toNumber([value]: readonly [unknown]): number | null {
  if (typeof value === "number") return value;
  const isNumber =
    typeof value === "string" && value.length <= MAX_NUMBER_TEXT && JSON_NUMBER.test(value);
  const number = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

const FUNCTIONS: { readonly [name: string]: Definition } = {
  abs: define<readonly [number]>([NUMBER], ([value]) => Math.abs(value)),
  avg: define<readonly [readonly number[]]>(["numbers"], ([list], frame) => {
    const total = sum(list, frame);
    if (total instanceof Failure) return total;
    return list.length > 0 ? total / list.length : null;
  }),
  ceil: define<readonly [number]>([NUMBER], ([value]) => Math.ceil(value)),
  contains: define([["string", "array"], "any"], contains),
  ends_with: define<readonly [string, string]>(
    [STRING, STRING],
    ([text, part], frame) => step(frame, part.length >> 6) ?? text.endsWith(part),
  ),
  floor: define<readonly [number]>([NUMBER], ([value]) => Math.floor(value)),
  join: define([STRING, "strings"], join),
  keys: define<readonly [Members]>([OBJECT], ([value], frame) => {
    const keys = Object.keys(value);
    return allocate(frame, keys.length) ?? keys;
  }),
  length: define([["string", "array", "object"]], length),
  map: define(["query", ARRAY], map),
  max: define(["ordered"], extremeOf("max", ">")),
  max_by: define([ARRAY, "query"], extremeBy("max_by", ">")),
  merge: define([OBJECT], merge, true),
  min: define(["ordered"], extremeOf("min", "<")),
  min_by: define([ARRAY, "query"], extremeBy("min_by", "<")),
  not_null: define<List>(["any"], (values) => values.find((value) => value !== null) ?? null, true),
  reverse: define<readonly [string | List]>(
    [["string", "array"]],
    ([value], frame) =>
      allocate(frame, value.length) ??
      (typeof value === "string" ? [...value].reverse().join("") : value.toReversed()),
  ),
  sort: define<readonly [List]>(["ordered"], ([list], frame) =>
    list.length === 0
      ? list
      : (allocate(frame, list.length) ?? sortedBy("sort", list, list, frame)),
  ),
  sort_by: define<readonly [List, Query]>([ARRAY, "query"], ([list, key], frame) => {
    const keys = allocate(frame, list.length) ?? keysBy(list, key, frame);
    if (keys instanceof Failure || keys.length === 0) return keys;
    return sortedBy("sort_by", list, keys, frame);
  }),
  starts_with: define<readonly [string, string]>(
    [STRING, STRING],
    ([text, part], frame) => step(frame, part.length >> 6) ?? text.startsWith(part),
  ),
  sum: define<readonly [readonly number[]]>(["numbers"], ([list], frame) => sum(list, frame)),
  to_array: define<readonly [unknown]>(["any"], ([value]) =>
    Array.isArray(value) ? value : [value],
  ),
  to_number: define(["any"], toNumber),
  to_string: define<readonly [unknown]>(["any"], ([value], frame) => textOf(value, frame)),
  type: define<readonly [unknown]>(["any"], ([value]) => typeOf(value)),
  values: define<readonly [Members]>([OBJECT], ([value], frame) => {
    const values = Object.values(value);
    return allocate(frame, values.length) ?? values;
  }),
};

export const QUERY_FUNCTION_NAMES = Object.keys(FUNCTIONS);

interface Argument {
  readonly query: Query;
  readonly isReference: boolean;
}

/** A call with what can be checked ahead checked: the name, how many arguments, and which are queries. */
export function call(name: string, args: readonly Argument[], at: number): Query {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) {
    const near = nearest(name, QUERY_FUNCTION_NAMES);
    return refuse(
      `there is no function ${name}()${near === undefined ? "" : `, did you mean ${near}()?`},`,
      at,
    );
  }
  const { takes, isVariadic } = known;
  if (args.length < takes.length || (args.length > takes.length && isVariadic !== true))
    refuse(`${name}() takes ${takes.length} arguments, not ${args.length},`, at);
  const kinds = args.map((_, index) => takes[Math.min(index, takes.length - 1)] ?? "any");
  for (const [index, { isReference }] of args.entries()) {
    if (isReference !== (kinds[index] === "query"))
      refuse(`${name}() takes ${isReference ? "a value" : "&…"} as argument ${index + 1},`, at);
  }
  return (value, frame) => {
    const values: unknown[] = [];
    for (const [index, { query, isReference }] of args.entries()) {
      const each = isReference ? query : query(value, frame);
      if (each instanceof Failure) return each;
      const problem = isReference ? undefined : misfit(kinds[index] ?? "any", each, frame);
      if (problem instanceof Failure) return problem;
      if (problem !== undefined)
        return queryFailure(`${name}() takes ${problem} as argument ${index + 1}`);
      values.push(each);
    }
    return step(frame, 1) ?? known.apply(values as never[], frame);
  };
}

/** What should have been there instead; undefined where the value fits. */
function misfit(kind: Definition["takes"][number], value: unknown, frame: Frame) {
  if (kind === "any" || kind === "query") return undefined;
  const type = typeOf(value);
  if (typeof kind === "object")
    return (kind as readonly string[]).includes(type)
      ? undefined
      : `${kind.join(" or ")}, not ${type},`;
  if (!Array.isArray(value)) return `a list, not ${type},`;
  const failure = step(frame, value.length >> 2);
  if (failure !== undefined) return failure;
  const types = new Set(value.map(typeOf));
  const isFitting =
    types.size === 0 ||
    (types.size === 1 &&
      ((kind !== "strings" && types.has("number")) || (kind !== "numbers" && types.has("string"))));
  const wanted = kind === "ordered" ? "numbers or of strings" : kind;
  return isFitting ? undefined : `a list of ${wanted}, not of ${[...types].join(" and ")},`;
}

/** The name that JMESPath has for a value's type; what JSON has not keeps its own. */
function typeOf(value: unknown): string {
  const kind = kindOf(value);
  return kind === undefined ? "unknown" : (NAMES[kind] ?? kind);
}

const NAMES: { readonly [K in Kind]?: Type } = {
  int: "number",
  double: "number",
  bool: "boolean",
  list: "array",
  map: "object",
};
