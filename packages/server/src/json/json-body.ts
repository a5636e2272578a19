import { isUtf8 } from "node:buffer";
import {
  AppError,
  type JsonFlaw,
  jsonFlaw,
  lineAndColumn,
  measureJson,
  numberFlaw,
} from "@yardmaster/protocol";
import { duplicateKey } from "./duplicate-key.ts";

/** PostgreSQL and `JSON.stringify` both recurse: deeper values would break a write that others share. */
export const MAX_DEPTH = 256;

/**
 * Only these can hide what the walk looks for: a raw NUL or lone surrogate is no valid JSON or UTF-8. The escapes are
 * NUL, the letters of `__proto__` and surrogates; others are in every body that Python writes.
 */
const SUSPECT = /__proto__|\\u(?:00(?:00|5[fF]|6[fF]|7[024])|[dD][89a-fA-F])/;
/** What to do about a body that holds too much. */
const SMALLER = "Send it in parts, or keep it elsewhere and send where it is";
/** Of the place that is named. */
const MAX_PATH_CHARS = 1_000;

/**
 * The value of a JSON body. Refuses what could not be stored or passed on safely: NUL, lone surrogates, keys
 * named `__proto__` or given twice, more than 256 levels, numbers that are too large or lose digits; and, before it
 * is parsed, what holds more than can be parsed at once.
 * @throws AppError `invalid_json` with line and column, `invalid_request`, `too_large`
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0)
    throw new AppError("invalid_request", "A JSON body is needed; it is empty");
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8");
  const text = bytes.toString("utf8");
  const { keys, levels, excess } = measureJson(text);
  if (excess !== undefined)
    throw new AppError("too_large", `The body cannot be taken at once: ${excess}. ${SMALLER}`);
  const value = parse(text);
  const flaw = numberFlaw(text, "exact") ?? duplicateKey(text, keys);
  if (flaw !== undefined) throw flawed(text, flaw);
  if (levels > MAX_DEPTH || SUSPECT.test(text)) refuseUnfit(value);
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

/** What cannot be stored or passed on, and where: the keys from the root, the innermost first. */
interface Unfit {
  readonly message: string;
  readonly path: string[];
}

function refuseUnfit(value: unknown): void {
  const unfit = unfitIn(value, 0);
  if (unfit === undefined) return;
  const path = unfit.path.map((key) => `/${pointerPart(key)}`).reverse();
  throw new AppError("invalid_request", `The body ${unfit.message}`, {
    errors: [{ path: path.join("").slice(0, MAX_PATH_CHARS), message: unfit.message }],
  });
}

/** The path is put together on the way back: of a body that is fit it would cost more than all else. */
function unfitIn(value: unknown, depth: number): Unfit | undefined {
  if (typeof value === "string") return unfitText(value);
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === MAX_DEPTH) return { message: `has more than ${MAX_DEPTH} levels`, path: [] };
  const isList = Array.isArray(value);
  for (const key in value) {
    const unfitKey = isList ? undefined : unfitName(key);
    if (unfitKey !== undefined) return unfitKey;
    const unfit = unfitIn((value as Record<string, unknown>)[key], depth + 1);
    if (unfit === undefined) continue;
    unfit.path.push(key);
    return unfit;
  }
  return undefined;
}

function unfitName(key: string): Unfit | undefined {
  return key === "__proto__" ? { message: "has a key named __proto__", path: [] } : unfitText(key);
}

function unfitText(text: string): Unfit | undefined {
  if (text.includes("\0"))
    return { message: "holds a NUL character, which cannot be stored", path: [] };
  if (text.isWellFormed()) return undefined;
  return { message: "holds half of a surrogate pair, which is no text", path: [] };
}

/** A key as a part of a JSON pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}
