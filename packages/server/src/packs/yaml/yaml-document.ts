import type { DocumentNode, MapEntry, Place, Report, ScalarNode } from "@yardmaster/kernel";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { isTooNested, parseYamlText, yamlExcess } from "../../json/index.ts";
import { MAX_DEFINITION_BYTES, MAX_DEFINITION_DEPTH, MAX_DEFINITION_NODES } from "../limits.ts";
import { sourceOffset } from "./scalar-places.ts";
import { placesIn } from "./text-places.ts";
import { reportTag, reportYamlErrors } from "./yaml-errors.ts";

const TOO_NESTED = "the file is nested too deeply";

/**
 * Parses a definition file so that every value knows its place. YAML's warnings are errors, and so is everything
 * that JSON cannot say. Undefined where nothing of use could be read; all that is wrong is reported.
 */
export function parseYaml(file: string, content: Buffer, report: Report): DocumentNode | undefined {
  const start: Place = { file, line: 1, column: 1 };
  const text = decode(content, start, report);
  if (text === undefined) return undefined;
  const placeOf = placesIn(file, text);
  const document = parsed(text);
  if (document === undefined) report(start, TOO_NESTED);
  if (document === undefined || !reportYamlErrors(document, text, placeOf, report))
    return undefined;
  if (document.contents === null) report(start, "the file is empty");
  return document.contents === null ? undefined : convert(document, text, placeOf, report);
}

/** Undefined where the parser's recursion came to the end of the stack: what the check before could not foresee. */
function parsed(text: string): Document.Parsed | undefined {
  try {
    return parseYamlText(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decode(content: Buffer, start: Place, report: Report): string | undefined {
  if (content.length > MAX_DEFINITION_BYTES) {
    const message = `the file has ${content.length} bytes; ${MAX_DEFINITION_BYTES} are allowed`;
    report(start, message, "put long code into a file of its own");
    return undefined;
  }
  const text = utf8(content);
  if (text === undefined) report(start, "the file is not UTF-8 text");
  else if (isTooNested(text)) report(start, TOO_NESTED);
  else {
    const excess = yamlExcess(text);
    if (excess === undefined) return text;
    report(start, `the file cannot be read at once: ${excess}`, "divide it into several");
  }
  return undefined;
}

function utf8(content: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

type PlaceOf = (offset: number) => Place;

function convert(
  document: Document.Parsed,
  text: string,
  placeOf: PlaceOf,
  report: Report,
): DocumentNode | undefined {
  const anchors = anchorsOf(document);
  let left = MAX_DEFINITION_NODES;
  return node(document.contents as unknown as Node, 0);

  function node(from: Node | null, depth: number): DocumentNode | undefined {
    const place = placeOf(from?.range?.[0] ?? 0);
    left--;
    if (left < 0 || depth > MAX_DEFINITION_DEPTH) {
      // Once is enough: everything after it would say the same.
      if (left >= 0 || left === -1) report(place, tooMuch(left < 0));
      left = Math.min(left, -1);
      return undefined;
    }
    if (from === null) return nothing(place);
    if (isAlias(from)) return aliased(from, depth);
    if (from.tag?.startsWith("!") === true && !from.tag.startsWith("!!")) {
      // Every other one has been reported as unknown; this one is good YAML, and in `if: ! a` no condition at all.
      if (from.tag === "!") reportTag(place, report);
      return undefined;
    }
    if (isMap(from)) return map(from as YAMLMap<Node, Node | null>, place, depth);
    if (isSeq(from)) {
      const items = (from.items as Node[]).map((item) => node(item, depth + 1));
      return { kind: "list", place, items: items.filter((item) => item !== undefined) };
    }
    return isScalar(from) ? scalar(from, place) : nothing(place);
  }

  function aliased(alias: Alias, depth: number): DocumentNode | undefined {
    const target = anchors.get(alias.source);
    const place = placeOf(alias.range?.[0] ?? 0);
    if (target === undefined) report(place, `nothing is marked &${alias.source}`);
    return target === undefined ? undefined : node(target, depth + 1);
  }

  function map(from: YAMLMap<Node, Node | null>, place: Place, depth: number) {
    const entries = new Map<string, MapEntry>();
    const seen = new Set<string>();
    for (const { key, value } of from.items) {
      const keyPlace = placeOf(key.range?.[0] ?? 0);
      const name = isScalar(key) ? String(key.value) : undefined;
      // A null value without a node of its own stands where its key does.
      const content = value === null ? nothing(keyPlace) : node(value, depth + 1);
      if (name === undefined) report(keyPlace, "a key must be text");
      else if (!isClean(name)) report(keyPlace, "a key holds a character that cannot be stored");
      else if (seen.has(name)) report(keyPlace, "this key is given twice");
      else if (content !== undefined) entries.set(name, { keyPlace, value: content });
      if (name !== undefined) seen.add(name);
    }
    return { kind: "map", place, entries } as const;
  }

  function scalar(from: Scalar, place: Place): DocumentNode | undefined {
    const { value, source = "" } = from;
    const isNumber = typeof value === "number";
    if (isNumber && !Number.isFinite(value))
      report(place, `${source} is no number that JSON knows`);
    else if (isNumber && /^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value))
      report(place, `${source} is too big to be exact`, "put it in quotes if it is an id");
    else if (typeof value === "string" && !isClean(value))
      report(place, "the text holds a character that cannot be stored (NUL, or half of a pair)");
    else return scalarNode(from, value as ScalarNode["value"], place);
    return undefined;
  }

  function scalarNode(from: Scalar, value: ScalarNode["value"], place: Place): ScalarNode {
    return {
      kind: "scalar",
      value,
      place,
      inside: (offset) => placeOf(sourceOffset(from, offset, text)),
      cutByComment: from.type === "PLAIN" && /^[ \t]+#/.test(text.slice(from.range?.[1])),
    };
  }
}

/** Collected once: asking the document for each alias goes through all of it each time. The first of a name counts. */
function anchorsOf(document: Document.Parsed): ReadonlyMap<string, Node> {
  const anchors = new Map<string, Node>();
  visit(document, {
    Node(_key, found) {
      if (isAlias(found) || found.anchor === undefined || anchors.has(found.anchor)) return;
      anchors.set(found.anchor, found);
    },
  });
  return anchors;
}

function nothing(place: Place): ScalarNode {
  return { kind: "scalar", value: null, place, inside: () => place, cutByComment: false };
}

/** PostgreSQL's json refuses NUL and lone surrogates, which YAML's escapes can write. */
function isClean(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}

function tooMuch(nodes: boolean): string {
  if (!nodes) return `the file is more than ${MAX_DEFINITION_DEPTH} levels deep`;
  return `the file stands for more than ${MAX_DEFINITION_NODES} values with its aliases followed`;
}
