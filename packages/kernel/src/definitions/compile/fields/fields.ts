import { nearest, nearestRef, parseDuration } from "@yardmaster/protocol";
import type { DocumentNode, MapNode, Place, ScalarNode } from "../../document.ts";
import type { Report } from "../../problem.ts";
import { foreignKeyHint } from "./foreign-keys.ts";

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

export interface Bounds {
  readonly min: number;
  readonly max: number;
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
  reportUnknownKeys(node, what, known, report);
  return fieldsOf(node, what, report);
}

/** How a map is written where people write a text. */
const MAP_HINTS: { readonly [what: string]: string | undefined } = {
  on: "write on: { labels: [gpu] }, or on: { node: name } for that node alone",
  undo: "write undo: { uses: PACK.NAME, with: … }",
};

/** The same of refs, where the pack may be left out or another one. */
export function didYouMeanRef(ref: string, candidates: Iterable<string>): string | undefined {
  const near = nearestRef(ref, candidates);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** The same where the message does not say what there is: where nothing is near, all of it, as long as that is read. */
export function didYouMeanOrAll(word: string, candidates: readonly string[]): string | undefined {
  const all = candidates.length === 0 ? undefined : `there is ${candidates.join(", ")}`;
  return didYouMean(word, candidates) ?? (candidates.length > MAX_TOLD ? undefined : all);
}

const MAX_TOLD = 12;

export function kindOf(node: DocumentNode): string {
  if (node.kind !== "scalar") return node.kind === "map" ? "a map" : "a list";
  if (node.value === null) return "nothing";
  if (typeof node.value === "string") return "text";
  return typeof node.value === "number" ? "a number" : String(node.value);
}

function reportUnknownKeys(
  node: MapNode,
  what: string,
  known: readonly string[],
  report: Report,
): void {
  for (const [key, entry] of node.entries) {
    if (known.includes(key)) continue;
    const hint =
      foreignKeyHint(what, key) ?? didYouMean(key, known) ?? `${what} knows ${known.join(", ")}`;
    report(entry.keyPlace, `"${key}" is not known in ${what}`, hint);
  }
}

function fieldsOf(node: MapNode, what: string, report: Report): Fields {
  const get = (key: string): DocumentNode | undefined => node.entries.get(key)?.value;
  const scalar = (key: string, kind: string): ScalarNode | undefined => {
    const value = get(key);
    if (value === undefined || value.kind === "scalar") return value;
    report(value.place, `${key} must be ${kind}, not ${kindOf(value)}`);
    return undefined;
  };
  const text = (key: string): string | undefined => {
    const value = scalar(key, "text");
    if (value === undefined) return undefined;
    if (typeof value.value === "string" && value.value !== "") return value.value;
    if (value.value === null || value.value === "") report(value.place, `${key} is empty`);
    else report(value.place, `${key} must be text, not ${kindOf(value)}`, "put it in quotes");
    return undefined;
  };
  const bounded = (value: ScalarNode, key: string, amount: number, bounds: Bounds, show: Show) => {
    if (amount >= bounds.min && amount <= bounds.max) return amount;
    const message = `${key} must be from ${show(bounds.min)} to ${show(bounds.max)}`;
    report(value.place, message);
    return undefined;
  };
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
    flag(key) {
      const value = scalar(key, "true or false");
      if (value === undefined || typeof value.value === "boolean") return value?.value as boolean;
      report(value.place, `${key} must be true or false, not ${kindOf(value)}`);
      return undefined;
    },
    number(key, bounds) {
      const value = scalar(key, "a number");
      if (value === undefined) return undefined;
      if (
        typeof value.value === "number" &&
        (bounds.integer !== true || Number.isInteger(value.value))
      )
        return bounded(value, key, value.value, bounds, String);
      const kind = bounds.integer === true ? "a whole number" : "a number";
      const got = typeof value.value === "number" ? String(value.value) : kindOf(value);
      const isQuoted = typeof value.value === "string" && /^\d+(\.\d+)?$/.test(value.value);
      const hint = isQuoted ? `write it without quotes: ${value.value}` : undefined;
      report(value.place, `${key} must be ${kind}, not ${got}`, hint);
      return undefined;
    },
    durationMs(key, bounds) {
      const value = scalar(key, "a duration");
      if (value === undefined) return undefined;
      const ms = typeof value.value === "string" ? parseDuration(value.value) : undefined;
      if (ms !== undefined) return bounded(value, key, ms, bounds, showMs);
      const got = typeof value.value === "string" ? `"${value.value}"` : String(value.value);
      report(value.place, `${key} must be a duration, not ${got}`, unitHint(value.value));
      return undefined;
    },
    texts(key) {
      const value = get(key);
      if (value === undefined) return undefined;
      if (value.kind !== "list") {
        const text = value.kind === "scalar" ? JSON.stringify(String(value.value)) : "text";
        const hint = `write ${key}: [${text}]`;
        report(value.place, `${key} must be a list of texts, not ${kindOf(value)}`, hint);
        return undefined;
      }
      const texts = value.items.flatMap((item) => textItem(item, key, report));
      return texts.length === value.items.length ? texts : undefined;
    },
    textMap(key) {
      const value = get(key);
      if (value === undefined) return undefined;
      if (value.kind !== "map") {
        const hint = `write ${key}: { NAME: value }`;
        report(value.place, `${key} must be a map of texts, not ${kindOf(value)}`, hint);
        return undefined;
      }
      const pairs = [...value.entries].flatMap(([name, entry]) =>
        textItem(entry.value, `${key}.${name}`, report).map((item) => [name, item] as const),
      );
      return pairs.length === value.entries.size ? Object.fromEntries(pairs) : undefined;
    },
  };
}

type Show = (value: number) => string;

function textItem(node: DocumentNode, what: string, report: Report): string[] {
  if (node.kind === "scalar" && typeof node.value === "string") return [node.value];
  const hint = node.kind === "scalar" && node.value !== null ? "put it in quotes" : undefined;
  report(node.place, `${what} takes only text, not ${kindOf(node)}`, hint);
  return [];
}

function showMs(ms: number): string {
  if (ms % 86_400_000 === 0 && ms > 0) return `${ms / 86_400_000}d`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

function unitHint(value: unknown): string {
  return typeof value === "number"
    ? `write a unit: "${value}s"`
    : "write for example 500ms, 30s or 1h30m";
}
