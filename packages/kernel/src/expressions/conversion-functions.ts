import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP } from "./cel-type.ts";
import { evaluationFailure, Failure } from "./failure.ts";
import { allocate, createFrame, type Frame, step } from "./frame.ts";
import { define, type Functions } from "./signature.ts";
import { toJson } from "./to-json.ts";
import {
  describe,
  isMembers,
  Opaque,
  opaqueText,
  readDuration,
  readTimestamp,
  timestampOf,
} from "./values.ts";

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
function text(value: unknown, frame: Frame): string | Failure {
  if (typeof value === "string") return value;
  if (value instanceof Opaque) {
    return value.kind === "bytes" ? new TextDecoder().decode(value.bytes) : opaqueText(value);
  }
  const json = toJson(value, createFrame(frame.scope));
  if (json instanceof Failure) return json;
  const result = JSON.stringify(json);
  return allocate(frame, result.length) ?? result;
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
    gives: INT,
    apply: ([value], frame) => size(value, frame),
  }),
  string: define<readonly [unknown]>({
    style: "call",
    takes: [[]],
    gives: STRING,
    apply: ([value], frame) => text(value, frame),
  }),
  int: define<readonly [string | number | Opaque]>({
    style: "call",
    takes: [["int", "double", "string", "timestamp"]],
    gives: INT,
    apply: ([value]) => int(value),
  }),
  double: define<readonly [string | number]>({
    style: "call",
    takes: [["int", "double", "string"]],
    gives: DOUBLE,
    apply: ([value]) => double(value),
  }),
  bool: define<readonly [string | boolean]>({
    style: "call",
    takes: [["bool", "string"]],
    gives: BOOL,
    apply: ([value]) => bool(value),
  }),
  bytes: define<readonly [string | Opaque]>({
    style: "call",
    takes: [["string", "bytes"]],
    gives: BYTES,
    apply: ([value], frame) =>
      typeof value === "string"
        ? (allocate(frame, value.length) ?? new Opaque("bytes", 0, new TextEncoder().encode(value)))
        : value,
  }),
  duration: define<readonly [string | Opaque]>({
    style: "call",
    takes: [["string", "duration"]],
    gives: DURATION,
    apply: ([value]) => duration(value),
  }),
  timestamp: define<readonly [string | number | Opaque]>({
    style: "call",
    takes: [["string", "int", "timestamp"]],
    gives: TIMESTAMP,
    apply: ([value]) => timestamp(value),
  }),
  dyn: define<readonly [unknown]>({
    style: "call",
    takes: [[]],
    gives: DYN,
    apply: ([value]) => value,
  }),
};
