import { isUtf8 } from "node:buffer";
import {
  type BigIntegers,
  type Json,
  type JsonFlaw,
  jsonFlaw,
  measureJson,
  numberFlaw,
} from "@yardmaster/protocol";
import { duplicateKey } from "./duplicate-key.ts";

/** Deeper values overflow the stack of JSON.stringify and of PostgreSQL when they are stored. */
export const DEPTH_LIMIT = 1000;

const SUSPECT_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/** A value that was read, where its text stops being one that can be stored, or why that is too much to be read. */
export type Read =
  | { readonly value: Json }
  | { readonly flaw: JsonFlaw }
  | { readonly excess: string };

/**
 * One JSON value with space around it, and nothing else. `exact` also refuses a key that is given twice; with
 * `nearest` the last one counts.
 */
export function readJson(text: string, strictness: BigIntegers): Read {
  const { keys, levels, excess } = measureJson(text);
  if (excess !== undefined) return { excess };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { flaw: jsonFlaw(text) ?? { index: 0, problem: "no JSON" } };
  }
  const flaw =
    (levels > DEPTH_LIMIT || SUSPECT_ESCAPE.test(text) ? unstorable(text) : undefined) ??
    numberFlaw(text, strictness) ??
    (strictness === "exact" ? duplicateKey(text, keys) : undefined);
  return flaw ? { flaw } : { value };
}

/** The first byte that is no UTF-8, by its place in the decoded text. */
export function utf8Flaw(text: string, bytes: Buffer): JsonFlaw | undefined {
  if (isUtf8(bytes)) return undefined;
  let index = text.indexOf("\uFFFD");
  let offset = Buffer.byteLength(text.slice(0, index));
  // The child may have written U+FFFD itself.
  while (bytes.toString("latin1", offset, offset + 3) === "\xEF\xBF\xBD") {
    const next = text.indexOf("\uFFFD", index + 1);
    offset += Buffer.byteLength(text.slice(index, next));
    index = next;
  }
  return { index, problem: "a byte that is not UTF-8" };
}

/** What is JSON and yet cannot be stored: NUL and lone surrogates (jsonb refuses them), and too deep nesting. */
function unstorable(text: string): JsonFlaw | undefined {
  let inString = false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code !== 0x5c) continue;
      i++;
      if (text.charCodeAt(i) !== 0x75) continue;
      const unit = Number.parseInt(text.slice(i + 1, i + 5), 16);
      if (unit === 0) return { index: i - 1, problem: "a NUL character, which cannot be stored" };
      if (isPair(unit, text, i + 5)) i += 10;
      else if (unit >= 0xd800 && unit <= 0xdfff)
        return { index: i - 1, problem: "half of a surrogate pair, which cannot be stored" };
      else i += 4;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > DEPTH_LIMIT) return { index: i, problem: `nesting deeper than ${DEPTH_LIMIT}` };
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return undefined;
}

function isPair(high: number, text: string, next: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && /^\\u[dD][c-fC-F]/.test(text.slice(next, next + 4));
}
