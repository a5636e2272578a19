import type { Json, JsonFlaw } from "@yardmaster/protocol";
import { type Document, isScalar, type Scalar, visit, type YAMLError, type YAMLMap } from "yaml";
import {
  DEPTH_LIMIT,
  isTooNested,
  parseYamlText,
  type Read,
  yamlExcess,
} from "../../json/index.ts";

/** Aliases of aliases may stand for more than any memory holds. */
const MAX_ALIASES = 100;

/**
 * One YAML 1.2 document (core schema), where it says what JSON can say. Warnings, tags, keys that are no text,
 * keys given twice, and numbers that are not exact are errors with their place.
 */
export function readYaml(text: string): Read {
  if (isTooNested(text)) return { flaw: { index: 0, problem: "nesting that is too deep" } };
  const excess = yamlExcess(text);
  if (excess !== undefined) return { excess };
  try {
    const document = parseYamlText(text);
    const [first] = [...document.errors, ...document.warnings];
    if (first) return { flaw: { index: first.pos[0], problem: problemOf(first) } };
    const flaw = unstorable(document);
    if (flaw) return { flaw };
    const value = document.toJS({ maxAliasCount: MAX_ALIASES }) as Json;
    if (depthOf(value, new Map()) <= DEPTH_LIMIT) return { value };
    return { flaw: { index: 0, problem: `nesting deeper than ${DEPTH_LIMIT} with its aliases` } };
  } catch (error) {
    const problem = error instanceof Error ? firstLine(error.message) : String(error);
    return { flaw: { index: 0, problem } };
  }
}

/** The size of a value as JSON. What aliases share is measured once, so that it ends however much they stand for. */
export function jsonBytes(value: Json | undefined, known = new Map<object, number>()): number {
  if (typeof value !== "object" || value === null) return Buffer.byteLength(JSON.stringify(value));
  const before = known.get(value);
  if (before !== undefined) return before;
  const entries = Object.entries(value);
  let bytes = entries.length === 0 ? 2 : 1; // One comma fewer than entries.
  for (const [key, child] of entries) {
    const name = Array.isArray(value) ? 0 : Buffer.byteLength(JSON.stringify(key)) + 1;
    bytes += name + jsonBytes(child, known) + 1;
  }
  known.set(value, bytes);
  return bytes;
}

function depthOf(value: Json | undefined, known: Map<object, number>): number {
  if (typeof value !== "object" || value === null) return 0;
  const before = known.get(value);
  if (before !== undefined) return before;
  let deepest = 0;
  for (const child of Object.values(value)) deepest = Math.max(deepest, depthOf(child, known));
  known.set(value, deepest + 1);
  return deepest + 1;
}

function unstorable(document: Document.Parsed): JsonFlaw | undefined {
  let flaw: JsonFlaw | undefined;
  visit(document, {
    Scalar(_key, scalar) {
      const problem = scalarProblem(scalar);
      if (problem === undefined) return undefined;
      flaw = { index: scalar.range?.[0] ?? 0, problem };
      return visit.BREAK;
    },
    Map(_key, map) {
      const key = keyGivenTwice(map);
      if (key === undefined) return undefined;
      flaw = { index: key.range?.[0] ?? 0, problem: "a key that is given twice" };
      return visit.BREAK;
    },
  });
  return flaw;
}

function keyGivenTwice(map: YAMLMap): Scalar | undefined {
  const seen = new Set<unknown>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) return key;
    seen.add(key.value);
  }
  return undefined;
}

function scalarProblem({ value, source = "" }: Scalar): string | undefined {
  if (typeof value === "string")
    return value.includes("\0") || /\p{Surrogate}/u.test(value)
      ? "a character that cannot be stored (NUL, or half of a surrogate pair)"
      : undefined;
  if (typeof value !== "number") return undefined;
  if (!Number.isFinite(value)) return `${source}, which is no number that JSON knows,`;
  const isInexact = /^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value);
  return isInexact ? `${source}, which is too big to be exact (put it in quotes),` : undefined;
}

/** In our words where the library speaks of its own calls and options. */
function problemOf({ code, message }: YAMLError): string {
  switch (code) {
    case "MULTIPLE_DOCS":
      return "a second document, where only one may be,";
    case "NON_STRING_KEY":
      return "a key that is no text";
    case "TAG_RESOLVE_FAILED":
      return "a tag (!…), which JSON has not,";
    default:
      return firstLine(message);
  }
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
