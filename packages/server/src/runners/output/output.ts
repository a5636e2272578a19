import type { OutputFormat } from "@yardmaster/kernel";
import type { Json, JsonFlaw, WorkError } from "@yardmaster/protocol";
import { placeOf, type Read, readJson, utf8Flaw } from "../../json/index.ts";
import { describeBytes } from "../limits.ts";
import { type Capture, storable } from "./capture.ts";
import { readJsonLines } from "./json-lines.ts";
import { jsonBytes, readYaml } from "./yaml-value.ts";

/** Space around the value that is read beyond the result limit before the output counts as too large. */
export const SURROUNDING_SPACE_BYTES = 64 * 1024;

const LESS = "Keep large results elsewhere and return where.";
/** Of text, which nobody may have meant for a result: it is what stdout is where nothing is said. */
const LESS_TEXT = `${LESS} What is printed as a log alone takes \`stdout: none\` in the action.`;

type Structured = Exclude<OutputFormat, "text" | "none">;

/** What stdout has to be, what to do where it is not, and what reads it. */
const FORMATS: {
  readonly [F in Structured]: {
    what: string;
    hint: string;
    /** What to do where it is too much to be read. */
    less: string;
    read: (text: string) => Read;
  };
} = {
  json: {
    what: "one JSON value",
    hint: "Print the result alone on stdout and logs on stderr, or declare `stdout: text`.",
    less: LESS,
    read: (text) => readJson(text, "exact"),
  },
  jsonl: {
    what: "JSON lines",
    hint: "Print one JSON value a line on stdout, and logs on stderr.",
    less: LESS,
    read: readJsonLines,
  },
  yaml: {
    what: "one YAML document that JSON could say",
    hint: "Print the result alone on stdout and logs on stderr, or declare `stdout: text`.",
    less: `Print it as JSON and declare \`stdout: json\`, of which several times as much is read. ${LESS}`,
    read: readYaml,
  },
};

/**
 * The output that an action printed: strict, since a result that was guessed at is worse than none.
 * Fails with `invalid_output` (where, and what stands there) or `limit_exceeded` (the sizes).
 */
export function readOutput(
  format: OutputFormat,
  stdout: Capture,
  resultLimitBytes: number,
): { readonly output: Json } | WorkError {
  if (format === "none" || stdout.bytes() === 0) return { output: nothingIn(format) };
  const { bytes, whole } = stdout.kept();
  const less = format === "text" ? LESS_TEXT : LESS;
  if (!whole) return tooLarge(stdout.bytes(), resultLimitBytes, less);
  const text = bytes.toString("utf8");
  const value = format === "text" ? text.trimEnd() : text.trim();
  const size = value.length === text.length ? bytes.length : Buffer.byteLength(value);
  if (size > resultLimitBytes) return tooLarge(size, resultLimitBytes, less);
  if (format === "text") return { output: storable(value) };
  return value === ""
    ? { output: nothingIn(format) }
    : parse(format, text, bytes, resultLimitBytes);
}

function nothingIn(format: OutputFormat): Json {
  if (format === "jsonl") return [];
  return format === "text" ? "" : null;
}

function parse(
  format: Structured,
  text: string,
  bytes: Buffer,
  resultLimitBytes: number,
): { readonly output: Json } | WorkError {
  const wrong = utf8Flaw(text, bytes);
  const read = wrong ? { flaw: wrong } : FORMATS[format].read(text);
  if ("excess" in read)
    return tooMuch(`The output cannot be read at once: ${read.excess}`, FORMATS[format].less);
  if ("flaw" in read) return invalid(format, text, read.flaw);
  if (format !== "yaml") return { output: read.value };
  // Its aliases may stand for more than was printed.
  const size = jsonBytes(read.value);
  return size > resultLimitBytes ? tooLarge(size, resultLimitBytes) : { output: read.value };
}

function invalid(format: Structured, text: string, flaw: JsonFlaw): WorkError {
  const { what, hint } = FORMATS[format];
  const { line, column, excerpt } = placeOf(text, flaw);
  return {
    code: "invalid_output",
    message: `stdout is not ${what}: ${flaw.problem} at line ${line}, column ${column}, near ${JSON.stringify(excerpt)}. ${hint}`,
    details: { line, column, excerpt },
  };
}

/** Of a value that has the bytes, and yet is more than can be read. */
export function tooMuch(problem: string, less = LESS): WorkError {
  return { code: "limit_exceeded", message: `${problem}. ${less}` };
}

export function tooLarge(bytes: number, limitBytes: number, less = LESS): WorkError {
  return {
    code: "limit_exceeded",
    message: `The output has ${describeBytes(bytes)}; at most ${describeBytes(limitBytes)} are allowed (YARD_MAX_INLINE). ${less}`,
    details: { bytes, limit_bytes: limitBytes },
  };
}
