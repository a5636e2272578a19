import { tests as conformance } from "@bufbuild/cel-spec/testdata/conformance.js";
import { parseDuration } from "@yardmaster/protocol";
import { buildExpression, guarded, variableTypes } from "../compile-expression.ts";
import { Failure } from "../failure.ts";
import { createFrame } from "../frame.ts";
import { type Type, typeName } from "../values/cel-type.ts";
import { Opaque, readTimestamp } from "../values/values.ts";

/** The conformance suite of the CEL specification, and how our evaluator fares in one test of it. */

export interface CelTest {
  /** `file/section/test`, made unique with a number where the suite has a name twice. */
  readonly name: string;
  readonly file: string;
  readonly original: Original;
}

interface Original {
  readonly name?: string;
  readonly expr: string;
  readonly value?: CelValue;
  readonly typedResult?: { readonly result?: CelValue; readonly deducedType?: DeducedType };
  readonly evalError?: unknown;
  readonly checkOnly?: boolean;
  readonly bindings?: { readonly [name: string]: { readonly value: CelValue } };
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: unknown }[];
}

interface CelValue {
  readonly [kind: string]: unknown;
}

interface DeducedType {
  readonly [kind: string]: unknown;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Original }[];
}

export function celTests(): readonly CelTest[] {
  const names = new Map<string, number>();
  return (conformance as unknown as Suite).suites?.flatMap((file) =>
    (file.suites ?? []).flatMap((section) =>
      (section.tests ?? []).map(({ original }) => {
        const base = `${file.name}/${section.name}/${original.name ?? original.expr}`;
        const count = (names.get(base) ?? 0) + 1;
        names.set(base, count);
        return { name: count === 1 ? base : `${base}#${count}`, file: file.name, original };
      }),
    ),
  ) as CelTest[];
}

/** What is wrong with our answer, or undefined when it is the suite's. */
export function celDisagreement({ original }: CelTest): string | undefined {
  const bindings = original.bindings ?? {};
  const names = [...(original.typeEnv ?? []).map(({ name }) => name), ...Object.keys(bindings)];
  const variables = variableTypes({
    variables: Object.fromEntries(names.map((name) => [name, true])),
  });
  const scope: { [name: string]: unknown } = {};
  for (const [name, { value }] of Object.entries(bindings)) {
    const read = ours(value);
    if (read === NOT_OURS) return `a value of ${JSON.stringify(value)} cannot be given`;
    scope[name] = read;
  }
  const built = buildExpression(original.expr, variables, "any");
  if (!built.ok) {
    const message = built.errors[0]?.message ?? "";
    const isUnknown = /^there is no (function|variable|meaning)|not part of/.test(message);
    return original.evalError !== undefined && !isUnknown ? undefined : `refused: ${message}`;
  }
  const { type } = built.value.built;
  const deduced = original.typedResult?.deducedType;
  if (deduced !== undefined && ourType(type) !== theirType(deduced))
    return `the type is ${ourType(type)}, not ${theirType(deduced)}`;
  if (original.checkOnly === true) return undefined;
  const result = guarded(built.value.built, createFrame(scope));
  if (result instanceof Failure) {
    return original.evalError === undefined ? `failed: ${result.message}` : undefined;
  }
  if (original.evalError !== undefined) return `gave ${text(result)} where an error is due`;
  const expected = original.value ?? original.typedResult?.result ?? { boolValue: true };
  return isSame(result, ours(expected))
    ? undefined
    : `gave ${text(result)}, not ${JSON.stringify(expected)}`;
}

const NOT_OURS = Symbol("a value that we do not have");

/** The value as ours; 64-bit ints only where JSON carries them, lists and maps deeply. */
function ours(value: CelValue): unknown {
  const [[kind, content] = []] = Object.entries(value);
  switch (kind) {
    case "int64Value":
    case "uint64Value": {
      const number = Number(content);
      return Number.isSafeInteger(number) ? number : NOT_OURS;
    }
    case "doubleValue": {
      const number = Number(content);
      return Number.isFinite(number) ? number : NOT_OURS;
    }
    case "stringValue":
    case "boolValue":
      return content;
    case "nullValue":
      return null;
    case "bytesValue":
      return new Opaque("bytes", 0, Buffer.from(content as string, "base64"));
    case "listValue":
      return listOf(((content as { values?: CelValue[] }).values ?? []).map(ours));
    case "mapValue":
      return mapOf((content as { entries?: Entry[] }).entries ?? []);
    case "objectValue":
      return timeOf(content as { "@type"?: string; value?: string });
    default:
      return NOT_OURS;
  }
}

interface Entry {
  readonly key: CelValue;
  readonly value: CelValue;
}

function listOf(items: readonly unknown[]): unknown {
  return items.includes(NOT_OURS) ? NOT_OURS : items;
}

function mapOf(entries: readonly Entry[]): unknown {
  const pairs = entries.map(({ key, value }) => [key["stringValue"], ours(value)] as const);
  const isOurs = pairs.every(([key, value]) => typeof key === "string" && value !== NOT_OURS);
  return isOurs ? Object.fromEntries(pairs) : NOT_OURS;
}

function timeOf({ "@type": type, value = "" }: { "@type"?: string; value?: string }): unknown {
  if (type?.endsWith(".Timestamp") === true) return readTimestamp(value) ?? NOT_OURS;
  if (type?.endsWith(".Duration") !== true) return NOT_OURS;
  const ms = parseDuration(value.replace("-", ""), Number.MAX_SAFE_INTEGER);
  return ms === undefined ? NOT_OURS : new Opaque("duration", value.startsWith("-") ? -ms : ms);
}

function isSame(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  if (left instanceof Opaque || right instanceof Opaque) return text(left) === text(right);
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return left === right;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => isSame(Reflect.get(left, key), Reflect.get(right, key)))
  );
}

function text(value: unknown): string {
  return value instanceof Opaque
    ? `${value.kind} ${value.ms} ${Buffer.from(value.bytes).toString("base64")}`
    : JSON.stringify(value);
}

const PRIMITIVES: { readonly [name: string]: string } = {
  BOOL: "bool",
  INT64: "int",
  DOUBLE: "double",
  STRING: "string",
  BYTES: "bytes",
};

function theirType(type: DeducedType): string {
  const [[kind, content] = []] = Object.entries(type);
  const inner = content as { [name: string]: DeducedType };
  switch (kind) {
    case "primitive":
      return PRIMITIVES[content as string] ?? String(content);
    case "listType":
      return `list(${theirType(inner["elemType"] ?? {})})`;
    case "mapType":
      return `map(${theirType(inner["keyType"] ?? {})}, ${theirType(inner["valueType"] ?? {})})`;
    case "wellKnown":
      return String(content).toLowerCase();
    case "null":
    case "dyn":
      return kind;
    default:
      return JSON.stringify(type);
  }
}

function ourType(type: Type): string {
  if (type.kind === "list") return `list(${ourType(type.item)})`;
  if (type.kind === "map") return `map(string, ${ourType(type.value)})`;
  return type.kind === "record" ? typeName(type) : type.kind;
}
