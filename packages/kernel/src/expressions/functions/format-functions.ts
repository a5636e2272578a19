import { bytesToHex } from "@noble/hashes/utils.js";
import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, type Frame } from "../frame.ts";
import { STRING } from "../values/cel-type.ts";
import { describe, Opaque } from "../values/values.ts";
import { textOf } from "./conversion-functions.ts";
import { define, type Functions } from "./signature.ts";

/** `"%s has %d".format([…])` as cel-go's strings library has it; `%s` is what `string()` gives. */

const CLAUSE = /%(?:\.(\d{1,3}))?([\s\S])?/g;
const MAX_PRECISION = 100;
const DEFAULT_PRECISION = 6;

interface Clause {
  readonly verb: string;
  readonly precision: number | undefined;
}

function format(pattern: string, args: readonly unknown[], frame: Frame): string | Failure {
  let result = "";
  let used = 0;
  let at = 0;
  for (const match of pattern.matchAll(CLAUSE)) {
    const [whole, digits, verb = ""] = match;
    result += pattern.slice(at, match.index);
    at = match.index + whole.length;
    if (whole === "%%") {
      result += "%";
      continue;
    }
    if (used >= args.length)
      return evaluationFailure(`${whole} has no value: format() was given ${args.length}`);
    const precision = digits === undefined ? undefined : Number(digits);
    const text = clauseText({ verb, precision }, args[used++], frame);
    if (text instanceof Failure) return text;
    const tooLarge = allocate(frame, text.length);
    if (tooLarge !== undefined) return tooLarge;
    result += text;
  }
  return allocate(frame, pattern.length) ?? result + pattern.slice(at);
}

function clauseText(clause: Clause, value: unknown, frame: Frame): string | Failure {
  switch (clause.verb) {
    case "s":
      return textOf(value, frame);
    case "d":
      return typeof value === "number" ? String(value) : misfit(clause, "a number", value);
    case "f":
    case "e":
      return typeof value === "number" ? decimal(clause, value) : misfit(clause, "a number", value);
    case "b":
      if (typeof value === "boolean") return value ? "1" : "0";
      return Number.isSafeInteger(value)
        ? (value as number).toString(2)
        : misfit(clause, "an int or a bool", value);
    case "o":
      return Number.isSafeInteger(value)
        ? (value as number).toString(8)
        : misfit(clause, "an int", value);
    case "x":
      return hexadecimal(clause, value);
    case "X": {
      const text = hexadecimal(clause, value);
      return typeof text === "string" ? text.toUpperCase() : text;
    }
    default:
      return evaluationFailure(
        `%${clause.verb} is not known; there are %s %d %f %e %b %o %x %X, and %% for a percent sign`,
      );
  }
}

function misfit({ verb }: Clause, wanted: string, value: unknown): Failure {
  return evaluationFailure(`%${verb} takes ${wanted}, not ${describe(value)}`);
}

function decimal({ verb, precision = DEFAULT_PRECISION }: Clause, value: number): string | Failure {
  if (precision > MAX_PRECISION)
    return evaluationFailure(`%.${precision}${verb}: at most ${MAX_PRECISION} digits are allowed`);
  if (verb === "f") return fixed(value, precision);
  return value.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Halves go to the even digit, as in Go; toFixed() would take them up where they are exact. */
function fixed(value: number, precision: number): string {
  const text = value.toFixed(precision);
  const isHalf = Math.abs(value % 1) === 0.5 && precision === 0;
  if (!isHalf) return text;
  return (2 * Math.round(value / 2)).toFixed(0);
}

function hexadecimal(clause: Clause, value: unknown): string | Failure {
  if (Number.isSafeInteger(value)) return (value as number).toString(16);
  if (typeof value === "string") return bytesToHex(new TextEncoder().encode(value));
  if (value instanceof Opaque && value.kind === "bytes") return bytesToHex(value.bytes);
  return misfit(clause, "an int, a string or bytes", value);
}

export const FORMAT_FUNCTIONS: Functions = {
  format: define<readonly [string, readonly unknown[]]>({
    style: "method",
    takes: [["string"], ["list"]],
    does: "the values of a list put in for `%s` (any value), `%d`, `%f`, `%.2f`, `%e` (numbers), `%b`, `%o`, `%x` (other bases); `%%` is a percent sign",
    example: "'%s: %d of %.1f'.format(['a', 1, 2.0]) == 'a: 1 of 2.0'",
    gives: STRING,
    apply: ([pattern, args], frame) => format(pattern, args, frame),
  }),
};
