import { isUtf8 } from "node:buffer";
import type { Json, WorkError } from "@yardmaster/protocol";
import { type Capture, storable } from "./capture.ts";
import { type JsonFlaw, jsonFlaw } from "./json-position.ts";
import { describeBytes } from "./limits.ts";
import type { ProcessSpec } from "./process-spec.ts";

/** Space around the value that is read beyond the result limit before the output counts as too large. */
export const SURROUNDING_SPACE_BYTES = 64 * 1024;

/** Deeper values overflow the stack of JSON.stringify and of PostgreSQL when they are stored. */
const DEPTH_LIMIT = 1000;

/**
 * The output that an action printed: strict, since a result that was guessed at is worse than none.
 * Fails with `invalid_output` (where, and what stands there) or `limit_exceeded` (the sizes).
 */
export function readOutput(
  mode: ProcessSpec["output"],
  stdout: Capture,
  resultLimitBytes: number,
): { readonly output: Json } | WorkError {
  if (mode === "none" || stdout.bytes() === 0) return { output: mode === "text" ? "" : null };
  const { bytes, whole } = stdout.kept();
  if (!whole) return tooLarge(stdout.bytes(), resultLimitBytes);
  const text = bytes.toString("utf8");
  const value = mode === "text" ? text.trimEnd() : text.trim();
  const size = value.length === text.length ? bytes.length : Buffer.byteLength(value);
  if (size > resultLimitBytes) return tooLarge(size, resultLimitBytes);
  if (mode === "text") return { output: storable(value) };
  return value === "" ? { output: null } : parse(text, bytes);
}

function parse(text: string, bytes: Buffer): { readonly output: Json } | WorkError {
  if (!isUtf8(bytes)) return invalid(text, notUtf8(text, bytes));
  let output: Json;
  try {
    output = JSON.parse(text) as Json;
  } catch {
    return invalid(text, jsonFlaw(text) ?? { index: 0, problem: "no JSON" });
  }
  const flaw = unstorable(text);
  return flaw ? invalid(text, flaw) : { output };
}

/** The first U+FFFD that the child did not write itself. */
function notUtf8(text: string, bytes: Buffer): JsonFlaw {
  let index = text.indexOf("\uFFFD");
  let offset = Buffer.byteLength(text.slice(0, index));
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

function invalid(text: string, { index, problem }: JsonFlaw): WorkError {
  const line = text.slice(0, index).split("\n").length;
  const column = index - text.lastIndexOf("\n", index - 1);
  const around = storable(text.slice(Math.max(0, index - 40), index + 40));
  const excerpt = Buffer.from(around).toString(); // A pair cut in half becomes U+FFFD.
  return {
    code: "invalid_output",
    message:
      `stdout is not one JSON value: ${problem} at line ${line}, column ${column}, near ${JSON.stringify(excerpt)}. ` +
      "Print the result alone on stdout and logs on stderr, or declare `output: text`.",
    details: { line, column, excerpt },
  };
}

function tooLarge(bytes: number, limitBytes: number): WorkError {
  return {
    code: "limit_exceeded",
    message: `The output has ${describeBytes(bytes)}; at most ${describeBytes(limitBytes)} are allowed. Keep large results elsewhere and return where.`,
    details: { bytes, limit_bytes: limitBytes },
  };
}
