import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, createFrame, type Frame, step } from "../frame.ts";
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP } from "../values/cel-type.ts";
import { toJson } from "../values/to-json.ts";
import {
  describe,
  isMembers,
  Opaque,
  opaqueText,
  readDuration,
  readTimestamp,
  timestampOf,
} from "../values/values.ts";
import { define, type Functions } from "./signature.ts";

function size(value: unknown, frame: Frame): number | Failure {
  if (typeof value === "string") return step(frame, value.length >> 4) ?? codePoints(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Opaque) return value.bytes.length;
  const count = isMembers(value) ? Object.keys(value).length : 0;
  return step(frame, count >> 2) ?? count;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Text as it is, bytes as the UTF-8 they are, everything else as in a template: its JSON text. */
export function textOf(value: unknown, frame: Frame): string | Failure {
  if (typeof value === "string") return value;
  if (value instanceof Opaque) {
    return value.kind === "bytes" ? utf8(value.bytes, frame) : opaqueText(value);
  }
  const json = toJson(value, createFrame(frame.scope));
  if (json instanceof Failure) return json;
  const result = JSON.stringify(json);
  return allocate(frame, result.length) ?? result;
}

function utf8(bytes: Uint8Array, frame: Frame): string | Failure {
  const tooLarge = allocate(frame, bytes.length);
  if (tooLarge !== undefined) return tooLarge;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return evaluationFailure("string() cannot read these bytes: they are not UTF-8");
  }
}

function int(value: string | number | Opaque): number | Failure {
  const number =
    typeof value === "string"
      ? intOf(value)
      : value instanceof Opaque
        ? Math.floor(value.ms / 1_000)
        : Math.trunc(value);
  return Number.isSafeInteger(number)
    ? number
    : evaluationFailure(`int() cannot read ${show(value)} as an integer`);
}

function uint(value: string | number): number | Failure {
  const number = int(value);
  return typeof number !== "number" || number >= 0
    ? number
    : evaluationFailure(`uint() cannot read ${show(value)}: it is negative`);
}

/** Longer text is no number that anybody wrote; reading it would be work without a bound. */
const MAX_NUMBER_TEXT = 400;

function intOf(value: string): number {
  return value.length <= MAX_NUMBER_TEXT && /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
}

function double(value: string | number): number | Failure {
  if (typeof value === "number") return value;
  const number =
    value.length > MAX_NUMBER_TEXT || /^\s|\s$|^$|^0[xob]/i.test(value)
      ? Number.NaN
      : Number(value);
  return Number.isFinite(number)
    ? number
    : evaluationFailure(`double() cannot read ${show(value)} as a number`);
}

const TRUE = new Set(["1", "t", "true", "TRUE", "True"]);
const FALSE = new Set(["0", "f", "false", "FALSE", "False"]);

function bool(value: string | boolean): boolean | Failure {
  if (typeof value === "boolean") return value;
  if (TRUE.has(value)) return true;
  return FALSE.has(value)
    ? false
    : evaluationFailure(`bool() cannot read ${show(value)}; write true or false`);
}

function duration(value: string | Opaque): Opaque | Failure {
  if (value instanceof Opaque) return value;
  return (
    readDuration(value) ??
    evaluationFailure(`duration() cannot read ${show(value)}; write for example 1h30m or 500ms`)
  );
}

function timestamp(value: string | number | Opaque): Opaque | Failure {
  if (value instanceof Opaque) return value;
  const read = typeof value === "number" ? timestampOf(value * 1_000) : readTimestamp(value);
  return (
    read ??
    evaluationFailure(
      `timestamp() cannot read ${show(value)}; write for example 2026-01-31T09:30:00Z`,
    )
  );
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  return typeof value === "number" ? `${value}` : describe(value);
}

export const CONVERSION_FUNCTIONS: Functions = {
  size: define<readonly [unknown]>({
    style: "either",
    takes: [["string", "bytes", "list", "map"]],
    does: "the number of characters (code points), bytes, items or fields",
    example: "size('héllo') == 5",
    gives: INT,
    apply: ([value], frame) => size(value, frame),
  }),
  string: define<readonly [unknown]>({
    style: "call",
    takes: [[]],
    does: "text as it is, bytes read as UTF-8, anything else as its JSON text",
    example: "string(1.5) + string([1]) == '1.5[1]'",
    gives: STRING,
    apply: ([value], frame) => textOf(value, frame),
  }),
  int: define<readonly [string | number | Opaque]>({
    style: "call",
    takes: [["int", "double", "string", "timestamp"]],
    does: "the integer that a text spells, a number cut towards zero, or the Unix seconds of a timestamp",
    example: "int('42') + int(1.9) == 43",
    gives: INT,
    apply: ([value]) => int(value),
  }),
  uint: define<readonly [string | number]>({
    style: "call",
    takes: [["int", "double", "string"]],
    does: "what `int()` gives, if it is not negative: JSON has one kind of integers",
    example: "uint('42') == 42",
    gives: INT,
    apply: ([value]) => uint(value),
  }),
  double: define<readonly [string | number]>({
    style: "call",
    takes: [["int", "double", "string"]],
    does: "the number that a text spells",
    example: "double('2.5') == 2.5",
    gives: DOUBLE,
    apply: ([value]) => double(value),
  }),
  bool: define<readonly [string | boolean]>({
    style: "call",
    takes: [["bool", "string"]],
    does: "true or false as spelled: `true`, `t`, `1`, `false`, `f`, `0`",
    example: "bool('true')",
    gives: BOOL,
    apply: ([value]) => bool(value),
  }),
  bytes: define<readonly [string | Opaque]>({
    style: "call",
    takes: [["string", "bytes"]],
    does: "the UTF-8 bytes of a text",
    example: "size(bytes('é')) == 2",
    gives: BYTES,
    apply: ([value], frame) =>
      typeof value === "string"
        ? (allocate(frame, value.length) ?? new Opaque("bytes", 0, new TextEncoder().encode(value)))
        : value,
  }),
  duration: define<readonly [string | Opaque]>({
    style: "call",
    takes: [["string", "duration"]],
    does: "reads a duration, such as `1h30m`, `500ms` or `-5s`",
    example: "duration('1h30m') == duration('5400s')",
    gives: DURATION,
    apply: ([value]) => duration(value),
  }),
  timestamp: define<readonly [string | number | Opaque]>({
    style: "call",
    takes: [["string", "int", "timestamp"]],
    does: "reads an RFC 3339 time, or Unix seconds",
    example: "timestamp('2026-01-31T09:30:00+01:00') == timestamp(1769848200)",
    gives: TIMESTAMP,
    apply: ([value]) => timestamp(value),
  }),
  dyn: define<readonly [unknown]>({
    style: "call",
    takes: [[]],
    does: "the value, of a type that is known only when evaluated",
    example: "dyn(1) == 1",
    gives: DYN,
    apply: ([value]) => value,
  }),
};
