import { nearest } from "@yardmaster/protocol";
import type { DocumentNode, MapNode, Place } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { didYouMean } from "./did-you-mean.ts";
import { foreignKeyHint } from "./foreign-keys.ts";
import {
  type Bounds,
  type Field,
  kindOf,
  readDurationMs,
  readFlag,
  readNumber,
  readText,
  readTextMap,
  readTexts,
} from "./read-value.ts";

/** Reads the fields of one map. Every reader reports what is wrong and then gives undefined. */
export interface Fields {
  readonly place: Place;
  has(key: string): boolean;
  get(key: string): DocumentNode | undefined;
  keyPlace(key: string): Place;
  /** A text that is not empty. */
  text(key: string): string | undefined;
  requiredText(key: string, hint?: string): string | undefined;
  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined;
  flag(key: string): boolean | undefined;
  number(key: string, bounds: Bounds & { readonly integer?: boolean }): number | undefined;
  durationMs(key: string, bounds: Bounds): number | undefined;
  texts(key: string): string[] | undefined;
  textMap(key: string): { readonly [name: string]: string } | undefined;
}

/** The fields of a node that must be a map, with every key of `known`; other keys are reported. */
export function readFields(
  node: DocumentNode,
  what: string,
  known: readonly string[],
  report: Report,
): Fields | undefined {
  if (node.kind !== "map") {
    report(node.place, `${what} must be a map, not ${kindOf(node)}`, MAP_HINTS[what]);
    return undefined;
  }
  return fieldsOf(readKeys(node, what, known, report), what, report);
}

/** How a map is written where people write a text. */
const MAP_HINTS: { readonly [what: string]: string | undefined } = {
  on: "write on: { labels: [gpu] }, or on: { node: name } for that node alone",
  server: "write server: { command: [npx, -y, SERVER] }, or server: { url: https://HOST/mcp }",
  undo: "write undo: { uses: PACK.NAME, with: … }",
};

/**
 * Reports the keys that are not known. One that is near a known key which is missing is read as that: it is told once,
 * and not with everything else that lacks it then.
 */
function readKeys(node: MapNode, what: string, known: readonly string[], report: Report): MapNode {
  const entries = new Map(node.entries);
  for (const [key, entry] of node.entries) {
    if (known.includes(key)) continue;
    const foreign = foreignKeyHint(what, key);
    const meant = foreign === undefined ? nearest(key, known) : undefined;
    const hint = foreign ?? didYouMean(key, known) ?? `${what} knows ${known.join(", ")}`;
    report(entry.keyPlace, `"${key}" is not known in ${what}`, hint);
    if (meant !== undefined && !entries.has(meant)) entries.set(meant, entry);
  }
  return { ...node, entries };
}

function fieldsOf(node: MapNode, what: string, report: Report): Fields {
  const get = (key: string): DocumentNode | undefined => node.entries.get(key)?.value;
  const field = <T>(key: string, read: (field: Field) => T): T | undefined => {
    const value = get(key);
    return value === undefined ? undefined : read({ key, value, report });
  };
  const text = (key: string): string | undefined => field(key, readText);
  return {
    place: node.place,
    has: (key) => node.entries.has(key),
    get,
    keyPlace: (key) => node.entries.get(key)?.keyPlace ?? node.place,
    text,
    requiredText(key, hint) {
      if (!node.entries.has(key)) report(node.place, `${what} needs "${key}"`, hint);
      return text(key);
    },
    word(key, words) {
      const value = text(key);
      const found = words.find((word) => word === value);
      if (value !== undefined && found === undefined) {
        const place = get(key)?.place ?? node.place;
        report(place, `${key} must be one of ${words.join(", ")}`, didYouMean(value, words));
      }
      return found;
    },
    flag: (key) => field(key, readFlag),
    number: (key, bounds) => field(key, (given) => readNumber(given, bounds)),
    durationMs: (key, bounds) => field(key, (given) => readDurationMs(given, bounds)),
    texts: (key) => field(key, readTexts),
    textMap: (key) => field(key, readTextMap),
  };
}
