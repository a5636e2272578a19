import type { Arithmetic, Comparison } from "../build/operator-types.ts";
import { evaluationFailure, type Failure, typeFailure } from "../failure.ts";
import { allocate, type Frame, step } from "../frame.ts";
import { describe, durationOf, Opaque, timestampOf } from "./values.ts";

/**
 * Arithmetic as users of JSON expect it: ints and doubles mix, `5 / 2` is 2.5 and `4 / 2` is 2. A result
 * that JSON cannot carry exactly (an int past 2^53, an infinity) is an error, never a silent wrong digit.
 */
export function compute(op: Arithmetic, left: unknown, right: unknown, frame: Frame): unknown {
  if (typeof left === "number" && typeof right === "number") return computeNumbers(op, left, right);
  if (op === "+") {
    if (typeof left === "string" && typeof right === "string") {
      return allocate(frame, left.length + right.length) ?? left + right;
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      return allocate(frame, left.length + right.length) ?? left.concat(right);
    }
  }
  if (left instanceof Opaque && right instanceof Opaque) {
    const result = computeOpaque(op, left, right, frame);
    if (result !== undefined) return result;
  }
  return typeFailure(
    `cannot compute ${describe(left)} ${op} ${describe(right)}${joinHint(op, left, right)}`,
  );
}

function joinHint(op: Arithmetic, left: unknown, right: unknown): string {
  const isText = typeof left === "string" || typeof right === "string";
  return op === "+" && isText ? "; to join text, write string(x)" : "";
}

function computeNumbers(op: Arithmetic, left: number, right: number): number | Failure {
  if (right === 0 && (op === "/" || op === "%"))
    return evaluationFailure(`${left} ${op} 0: division by zero`);
  const result = rawNumbers(op, left, right);
  if (!Number.isFinite(result))
    return evaluationFailure(`${left} ${op} ${right} is too large for a number`);
  if (
    Number.isInteger(result) &&
    !Number.isSafeInteger(result) &&
    Number.isSafeInteger(left) &&
    Number.isSafeInteger(right)
  ) {
    return evaluationFailure(
      `${left} ${op} ${right} is beyond 2^53, where JSON's integers are no longer exact`,
    );
  }
  return result;
}

function rawNumbers(op: Arithmetic, left: number, right: number): number {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

function computeOpaque(
  op: Arithmetic,
  left: Opaque,
  right: Opaque,
  frame: Frame,
): Opaque | Failure | undefined {
  if (left.kind === "bytes" && right.kind === "bytes" && op === "+") {
    const bytes = new Uint8Array([...left.bytes, ...right.bytes]);
    return allocate(frame, bytes.length) ?? new Opaque("bytes", 0, bytes);
  }
  if ((op !== "+" && op !== "-") || left.kind === "bytes" || right.kind === "bytes")
    return undefined;
  const ms = op === "+" ? left.ms + right.ms : left.ms - right.ms;
  const times = Number(left.kind === "timestamp") + Number(right.kind === "timestamp");
  if (times === 2 && op === "+") return undefined;
  if (op === "-" && left.kind === "duration" && right.kind === "timestamp") return undefined;
  const result = times === 1 ? timestampOf(ms) : durationOf(ms);
  return result ?? evaluationFailure("the time is outside the years 1 to 9999");
}

export function negate(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 0 : -value;
  return typeFailure(`cannot negate ${describe(value)}`);
}

export function compare(
  op: Comparison,
  left: unknown,
  right: unknown,
  frame: Frame,
): boolean | Failure {
  if (typeof left === "number" && typeof right === "number") return order(op, left, right);
  if (typeof left === "string" && typeof right === "string") {
    return step(frame, Math.min(left.length, right.length) >> 6) ?? order(op, left, right);
  }
  if (typeof left === "boolean" && typeof right === "boolean") return order(op, left, right);
  if (left instanceof Opaque && right instanceof Opaque && left.kind === right.kind) {
    return left.kind === "bytes"
      ? (step(frame, Math.min(left.bytes.length, right.bytes.length) >> 2) ??
          order(op, byteOrder(left.bytes, right.bytes), 0))
      : order(op, left.ms, right.ms);
  }
  return typeFailure(`cannot compare ${describe(left)} ${op} ${describe(right)}`);
}

function byteOrder(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

function order<T extends number | string | boolean>(op: Comparison, left: T, right: T): boolean {
  switch (op) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}
