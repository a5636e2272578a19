import { type Failure, limitFailure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { MAX_VALUE_DEPTH } from "../limits.ts";
import { isMembers, Opaque, opaqueText, readDuration, readTimestamp } from "./values.ts";

const TOO_DEEP = limitFailure(`the values to compare are nested more than ${MAX_VALUE_DEPTH} deep`);

/** Whether two values are equal, deeply; values of different kinds are not. */
export function equal(left: unknown, right: unknown, frame: Frame, depth = 0): boolean | Failure {
  if (left === right) return true;
  if (typeof left === "string" && typeof right === "string") {
    // Equal lengths make the engine compare all of both.
    return left.length === right.length && left.length > 64
      ? (step(frame, left.length >> 6) ?? false)
      : false;
  }
  if (left instanceof Opaque || right instanceof Opaque) return equalOpaque(left, right);
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return false;
  if (depth > MAX_VALUE_DEPTH) return TOO_DEEP;
  if (Array.isArray(left)) return Array.isArray(right) && equalLists(left, right, frame, depth);
  return isMembers(left) && isMembers(right) && equalMaps(left, right, frame, depth);
}

/** Inside lists and maps of the scope, durations and times are still text. */
function equalOpaque(left: unknown, right: unknown): boolean {
  if (left instanceof Opaque && right instanceof Opaque) {
    if (left.kind !== right.kind) return false;
    return left.kind === "bytes" ? opaqueText(left) === opaqueText(right) : left.ms === right.ms;
  }
  const [opaque, text] = left instanceof Opaque ? [left, right] : [right as Opaque, left];
  if (typeof text !== "string" || opaque.kind === "bytes") return false;
  const read = opaque.kind === "duration" ? readDuration(text) : readTimestamp(text);
  return read?.ms === opaque.ms;
}

function equalLists(
  left: readonly unknown[],
  right: readonly unknown[],
  frame: Frame,
  depth: number,
): boolean | Failure {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    const same = step(frame, 1) ?? equal(left[i], right[i], frame, depth + 1);
    if (same !== true) return same;
  }
  return true;
}

function equalMaps(
  left: { readonly [key: string]: unknown },
  right: { readonly [key: string]: unknown },
  frame: Frame,
  depth: number,
): boolean | Failure {
  const keys = Object.keys(left);
  const tooLong = step(frame, keys.length);
  if (tooLong !== undefined) return tooLong;
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(right, key)) return false;
    const same = equal(left[key], right[key], frame, depth + 1);
    if (same !== true) return same;
  }
  return true;
}
