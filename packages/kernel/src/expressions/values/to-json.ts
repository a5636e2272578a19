import type { Json } from "@yardmaster/protocol";
import { Failure, limitFailure, typeFailure } from "../failure.ts";
import { emit, type Frame } from "../frame.ts";
import { MAX_VALUE_DEPTH } from "../limits.ts";
import { describe, isMembers, Opaque, opaqueText } from "./values.ts";

const TOO_DEEP = limitFailure(`the result is nested more than ${MAX_VALUE_DEPTH} deep`);

/**
 * The one place where values of CEL become JSON: durations and times become text, bytes base64. The result
 * shares nothing that could grow: every part counts, so a list of a list of the same text has its full size.
 */
export function toJson(value: unknown, frame: Frame, depth = 0): Json | Failure {
  switch (typeof value) {
    case "string":
      return emit(frame, value.length + 2) ?? value;
    case "number":
      if (!Number.isFinite(value))
        return typeFailure(`${value} is not a number that JSON can carry`);
      return emit(frame, 8) ?? (value === 0 ? 0 : value);
    case "boolean":
      return emit(frame, 5) ?? value;
    case "object":
      break;
    default:
      return typeFailure(`the result holds ${describe(value)}`);
  }
  if (value === null) return emit(frame, 4) ?? null;
  if (value instanceof Opaque) return textJson(value, frame);
  if (depth >= MAX_VALUE_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) return listJson(value, frame, depth);
  return isMembers(value)
    ? membersJson(value, frame, depth)
    : typeFailure("the result is not JSON");
}

function textJson(value: Opaque, frame: Frame): string | Failure {
  const text = opaqueText(value);
  return emit(frame, text.length + 2) ?? text;
}

function listJson(list: readonly unknown[], frame: Frame, depth: number): Json | Failure {
  const failure = emit(frame, 2 + list.length);
  if (failure !== undefined) return failure;
  const result: Json[] = [];
  for (const item of list) {
    const json = toJson(item, frame, depth + 1);
    if (json instanceof Failure) return json;
    result.push(json);
  }
  return result;
}

function membersJson(
  members: { readonly [key: string]: unknown },
  frame: Frame,
  depth: number,
): Json | Failure {
  const result: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(members)) {
    if (member === undefined) continue;
    const json = emit(frame, key.length + 4) ?? toJson(member, frame, depth + 1);
    if (json instanceof Failure) return json;
    setMember(result, key, json);
  }
  return result;
}

/** A plain assignment to `__proto__` would set the prototype; JSON may have such a field all the same. */
export function setMember(target: { [key: string]: unknown }, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else target[key] = value;
}
