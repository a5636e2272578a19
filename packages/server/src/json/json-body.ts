import { isUtf8 } from "node:buffer";
import { AppError, type JsonFlaw, numberFlaw } from "@yardmaster/protocol";
import { duplicateKey } from "./duplicate-key.ts";
import { jsonFlaw } from "./json-flaw.ts";
import { lineAndColumn } from "./json-place.ts";

/** PostgreSQL and `JSON.stringify` both recurse: deeper values would break a write that others share. */
export const MAX_DEPTH = 256;

/** Only these can hide what the walk looks for: a raw NUL or lone surrogate is no valid JSON or UTF-8. */
const SUSPECT = /__proto__|\\u/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The value of a JSON body. Refuses what could not be stored or passed on safely: NUL, lone surrogates, keys
 * named `__proto__` or given twice, more than 256 levels, numbers that are too large or lose digits.
 * @throws AppError `invalid_json` with line and column, `invalid_request`
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0)
    throw new AppError("invalid_request", "A JSON body is needed; it is empty");
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8");
  const text = bytes.toString("utf8");
  const value = parse(text);
  const flaw = numberFlaw(text, "exact") ?? duplicateKey(text, value);
  if (flaw !== undefined) throw flawed(text, flaw);
  if (tooDeepAtMost(text) || SUSPECT.test(text)) inspect(value, "", 0);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw flawed(text, jsonFlaw(text) ?? { index: text.length, problem: "cannot be read" }, cause);
  }
}

function flawed(text: string, flaw: JsonFlaw, cause?: unknown): AppError {
  const { line, column } = lineAndColumn(text, flaw);
  return new AppError("invalid_json", `Line ${line}, column ${column}: ${flaw.problem}`, {
    errors: [{ path: `${line}:${column}`, message: flaw.problem }],
    cause,
  });
}

/** True where brackets alone would allow too many levels; those inside strings count too, so look closer then. */
function tooDeepAtMost(text: string): boolean {
  if (text.length < 2 * MAX_DEPTH) return false;
  let opened = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code === 0x5b || code === 0x7b) && ++opened > MAX_DEPTH) return true;
  }
  return false;
}

function inspect(value: unknown, path: string, depth: number): void {
  if (typeof value === "string") inspectText(value, path);
  if (typeof value !== "object" || value === null) return;
  if (depth === MAX_DEPTH) throw refusal(path.slice(0, 100), `has more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) inspect(item, `${path}/${i}`, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    inspectText(key, path);
    if (key === "__proto__") throw refusal(path, "has a key named __proto__");
    inspect((value as Record<string, unknown>)[key], `${path}/${pointerPart(key)}`, depth + 1);
  }
}

function inspectText(text: string, path: string): void {
  if (text.includes("\0")) throw refusal(path, "holds a NUL character, which cannot be stored");
  if (LONE_SURROGATE.test(text))
    throw refusal(path, "holds half of a surrogate pair, which is no text");
}

function refusal(path: string, message: string): AppError {
  return new AppError("invalid_request", `The body ${message}`, { errors: [{ path, message }] });
}

/** A key as a part of a JSON pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}
