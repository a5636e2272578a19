import { parseDuration } from "@yardmaster/protocol";
import type { DocumentNode, ScalarNode } from "../../document.ts";
import type { Report } from "../../problem.ts";

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The value of the field `key`. Every reader reports what is wrong and then gives undefined. */
export interface Field {
  readonly key: string;
  readonly value: DocumentNode;
  readonly report: Report;
}

export function kindOf(node: DocumentNode): string {
  if (node.kind !== "scalar") return node.kind === "map" ? "a map" : "a list";
  if (node.value === null) return "nothing";
  if (typeof node.value === "string") return "text";
  return typeof node.value === "number" ? "a number" : String(node.value);
}

/** A text that is not empty. */
export function readText(field: Field): string | undefined {
  const { key, report } = field;
  const value = scalarOf(field, "text");
  if (value === undefined) return undefined;
  if (typeof value.value === "string" && value.value !== "") return value.value;
  if (value.value === null || value.value === "") report(value.place, `${key} is empty`);
  else report(value.place, `${key} must be text, not ${kindOf(value)}`, "put it in quotes");
  return undefined;
}

export function readFlag(field: Field): boolean | undefined {
  const value = scalarOf(field, "true or false");
  if (value === undefined) return undefined;
  if (typeof value.value === "boolean") return value.value;
  field.report(value.place, `${field.key} must be true or false, not ${kindOf(value)}`);
  return undefined;
}

export function readNumber(
  field: Field,
  bounds: Bounds & { readonly integer?: boolean },
): number | undefined {
  const value = scalarOf(field, "a number");
  if (value === undefined) return undefined;
  const isWhole = bounds.integer === true;
  if (typeof value.value === "number" && (!isWhole || Number.isInteger(value.value)))
    return bounded(field, value.value, bounds, String);
  const kind = isWhole ? "a whole number" : "a number";
  const got = typeof value.value === "number" ? String(value.value) : kindOf(value);
  const isQuoted = typeof value.value === "string" && /^\d+(\.\d+)?$/.test(value.value);
  const hint = isQuoted ? `write it without quotes: ${value.value}` : undefined;
  field.report(value.place, `${field.key} must be ${kind}, not ${got}`, hint);
  return undefined;
}

export function readDurationMs(field: Field, bounds: Bounds): number | undefined {
  const value = scalarOf(field, "a duration");
  if (value === undefined) return undefined;
  const ms = typeof value.value === "string" ? parseDuration(value.value) : undefined;
  if (ms !== undefined) return bounded(field, ms, bounds, showMs);
  const got = typeof value.value === "string" ? `"${value.value}"` : String(value.value);
  const message = `${field.key} must be a duration, not ${got}`;
  field.report(value.place, message, unitHint(value.value));
  return undefined;
}

export function readTexts({ key, value, report }: Field): string[] | undefined {
  if (value.kind !== "list") {
    const text = value.kind === "scalar" ? JSON.stringify(String(value.value)) : "text";
    const hint = `write ${key}: [${text}]`;
    report(value.place, `${key} must be a list of texts, not ${kindOf(value)}`, hint);
    return undefined;
  }
  const texts = value.items.flatMap((item) => textItem(item, key, report));
  return texts.length === value.items.length ? texts : undefined;
}

export function readTextMap({
  key,
  value,
  report,
}: Field): { readonly [name: string]: string } | undefined {
  if (value.kind !== "map") {
    const hint = `write ${key}: { NAME: value }`;
    report(value.place, `${key} must be a map of texts, not ${kindOf(value)}`, hint);
    return undefined;
  }
  const pairs = [...value.entries].flatMap(([name, entry]) =>
    textItem(entry.value, `${key}.${name}`, report).map((item) => [name, item] as const),
  );
  return pairs.length === value.entries.size ? Object.fromEntries(pairs) : undefined;
}

function scalarOf({ key, value, report }: Field, kind: string): ScalarNode | undefined {
  if (value.kind === "scalar") return value;
  report(value.place, `${key} must be ${kind}, not ${kindOf(value)}`);
  return undefined;
}

function bounded(
  { key, value, report }: Field,
  amount: number,
  { min, max }: Bounds,
  show: (amount: number) => string,
): number | undefined {
  if (amount >= min && amount <= max) return amount;
  report(value.place, `${key} must be from ${show(min)} to ${show(max)}`);
  return undefined;
}

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
