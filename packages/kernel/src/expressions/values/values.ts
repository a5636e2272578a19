import { formatDuration, parseDuration } from "@yardmaster/protocol";
import { formatTimestamp, parseTimestamp } from "../../schema/index.ts";
import { toBase64 } from "./base64.ts";

/**
 * Values of CEL that JSON has not. Numbers are JavaScript's: one that is a safe integer is an int, any
 * other is a double, so that `1 == 1.0` holds and an exact `4 / 2` is an int again.
 */
export class Opaque {
  readonly kind: "duration" | "timestamp" | "bytes";
  /** Milliseconds of a duration, Unix milliseconds of a timestamp. */
  readonly ms: number;
  readonly bytes: Uint8Array;

  constructor(kind: Opaque["kind"], ms: number, bytes: Uint8Array = NO_BYTES) {
    this.kind = kind;
    this.ms = ms;
    this.bytes = bytes;
  }
}

const NO_BYTES = new Uint8Array();

/** What a value is, in CEL's words. */
export type Kind =
  | "null"
  | "bool"
  | "int"
  | "double"
  | "string"
  | "bytes"
  | "duration"
  | "timestamp"
  | "list"
  | "map";

export function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return Number.isSafeInteger(value) ? "int" : "double";
    case "boolean":
      return "bool";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "list";
      return value instanceof Opaque ? value.kind : "map";
    default:
      return undefined;
  }
}

const NAMES: { readonly [K in Kind]: string } = {
  null: "null",
  bool: "a bool",
  int: "an int",
  double: "a double",
  string: "a string",
  bytes: "bytes",
  duration: "a duration",
  timestamp: "a timestamp",
  list: "a list",
  map: "a map",
};

export function kindName(kind: Kind): string {
  return NAMES[kind];
}

/** What a value is, as errors say it. */
export function describe(value: unknown): string {
  const kind = kindOf(value);
  return kind === undefined ? "a value that is not JSON" : NAMES[kind];
}

export type Members = { readonly [key: string]: unknown };

export function isMembers(value: unknown): value is Members {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Opaque)
  );
}

/** Longer text is no duration that a person wrote; reading it would be work without a bound. */
const MAX_DURATION_TEXT = 100;

/** CEL's own bound of durations, about 10,000 years. */
const MAX_DURATION_MS = 315_576_000_000_000;
const MIN_TIMESTAMP_MS = Date.parse("0001-01-01T00:00:00Z");
const MAX_TIMESTAMP_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function durationOf(ms: number): Opaque | undefined {
  return Math.abs(ms) <= MAX_DURATION_MS ? new Opaque("duration", Math.round(ms)) : undefined;
}

export function timestampOf(ms: number): Opaque | undefined {
  return ms >= MIN_TIMESTAMP_MS && ms <= MAX_TIMESTAMP_MS
    ? new Opaque("timestamp", Math.round(ms))
    : undefined;
}

/** Reads `1h30m`, `-5s`: durations may be negative in expressions, since times can be subtracted. */
export function readDuration(text: string): Opaque | undefined {
  if (text.length > MAX_DURATION_TEXT) return undefined;
  const isNegative = text.startsWith("-");
  const ms = parseDuration(isNegative ? text.slice(1) : text, MAX_DURATION_MS);
  return ms === undefined ? undefined : durationOf(isNegative ? -ms : ms);
}

export function readTimestamp(text: string): Opaque | undefined {
  const ms = parseTimestamp(text);
  return ms === undefined ? undefined : timestampOf(ms);
}

/** The JSON text of a value that JSON has not. */
export function opaqueText(value: Opaque): string {
  switch (value.kind) {
    case "duration":
      return formatDuration(value.ms);
    case "timestamp":
      return formatTimestamp(value.ms);
    case "bytes":
      return toBase64(value.bytes);
  }
}
