import type { DocumentNode, MapEntry, Place, Report, ScalarNode } from "@yardmaster/kernel";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { MAX_DEFINITION_BYTES, MAX_DEFINITION_DEPTH, MAX_DEFINITION_NODES } from "./limits.ts";
import { isTooNested } from "./nesting.ts";
import { sourceOffset } from "./scalar-places.ts";
import { reportYamlErrors } from "./yaml-errors.ts";

/**
 * Parses a definition file so that every value knows its place. YAML's warnings are errors, and so is everything
 * that JSON cannot say. Undefined where nothing of use could be read; all that is wrong is reported.
 */
export function parseYaml(file: string, content: Buffer, report: Report): DocumentNode | undefined {
  const start: Place = { file, line: 1, column: 1 };
  const text = decode(content, start, report);
  if (text === undefined) return undefined;
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
  });
  if (!reportYamlErrors(document, placeOf, report)) return undefined;
  if (document.contents === null) report(start, "the file is empty");
  return document.contents === null ? undefined : convert(document, text, placeOf, report);
}

function decode(content: Buffer, start: Place, report: Report): string | undefined {
  if (content.length > MAX_DEFINITION_BYTES) {
    const message = `the file has ${content.length} bytes; ${MAX_DEFINITION_BYTES} are allowed`;
    report(start, message, "put long code into a file of its own");
    return undefined;
  }
  const text = utf8(content);
  if (text === undefined) report(start, "the file is not UTF-8 text");
  else if (!isTooNested(text)) return text;
  else report(start, "the file is nested too deeply");
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
    // Reported as an unknown tag; what it stands for is not known.
    if (from.tag?.startsWith("!") === true && !from.tag.startsWith("!!")) return undefined;
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
    for (const { key, value } of from.items) {
      const keyPlace = placeOf(key.range?.[0] ?? 0);
      const name = isScalar(key) ? String(key.value) : undefined;
      // A null value without a node of its own stands where its key does.
      const content = value === null ? nothing(keyPlace) : node(value, depth + 1);
      if (name === undefined) report(keyPlace, "a key must be text");
      else if (!isClean(name)) report(keyPlace, "a key holds a character that cannot be stored");
      else if (content !== undefined && !entries.has(name))
        entries.set(name, { keyPlace, value: content });
    }
    return { kind: "map", place, entries } as const;
  }

  function scalar(from: Scalar, place: Place): DocumentNode | undefined {
    const { value, source = "" } = from;
    const isNumber = typeof value === "number";
    if (isNumber && !Number.isFinite(value))
      report(place, `${source} is no number that JSON knows`);
    else if (isNumber && /^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value))
      report(place, `${source} is too big to be exact`, "put it in quotes");
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
