import {
  BOOL,
  DURATION,
  DYN,
  isNumber,
  TIMESTAMP,
  type Type,
  unify,
  withoutNull,
} from "../values/cel-type.ts";

/** Which operands an operator takes, as far as it is known at load. */

export type Arithmetic = "+" | "-" | "*" | "/" | "%";
export type Comparison = "<" | "<=" | ">" | ">=";

/** The type of `left op right`, or undefined when there is no such operation. */
export function arithmeticType(op: Arithmetic, left: Type, right: Type): Type | undefined {
  if (left.kind === "dyn" || right.kind === "dyn") return mixed(op, left, right);
  if (isNumber(left) && isNumber(right)) return unify(left, right);
  if (op !== "+" && op !== "-") return undefined;
  const isTime = (type: Type) => type.kind === "duration" || type.kind === "timestamp";
  if (isTime(left) && isTime(right)) return timeType(op, left, right);
  if (op !== "+" || left.kind !== right.kind) return undefined;
  if (left.kind === "list") return unify(left, right);
  return left.kind === "string" || left.kind === "bytes" ? left : undefined;
}

/** With one side known, the other must be of a kind that goes with it, which is seen when evaluated. */
function mixed(op: Arithmetic, left: Type, right: Type): Type | undefined {
  const known = left.kind === "dyn" ? right : left;
  if (known.kind === "dyn" || isNumber(known)) return DYN;
  if (op !== "+" && op !== "-") return undefined;
  if (known.kind === "duration" || known.kind === "timestamp") return DYN;
  if (op === "+" && (known.kind === "string" || known.kind === "bytes")) return known;
  return op === "+" && known.kind === "list" ? DYN_LIST : undefined;
}

const DYN_LIST: Type = { kind: "list", item: DYN };

function timeType(op: "+" | "-", left: Type, right: Type): Type | undefined {
  if (left.kind === "duration" && right.kind === "duration") return DURATION;
  if (left.kind === "timestamp" && right.kind === "duration") return TIMESTAMP;
  if (op === "+") return left.kind === "duration" ? TIMESTAMP : undefined;
  return left.kind === "timestamp" ? DURATION : undefined;
}

const ORDERED = new Set(["bool", "string", "bytes", "duration", "timestamp"]);

export function comparisonType(left: Type, right: Type): Type | undefined {
  if (left.kind === "dyn" || right.kind === "dyn") {
    const known = left.kind === "dyn" ? right : left;
    return known.kind === "dyn" || isNumber(known) || ORDERED.has(known.kind) ? BOOL : undefined;
  }
  if (isNumber(left) && isNumber(right)) return BOOL;
  return left.kind === right.kind && ORDERED.has(left.kind) ? BOOL : undefined;
}

/** Whether values of both types can ever be equal; anything may be compared with null. */
export function canEqual(a: Type, b: Type): boolean {
  const left = withoutNull(a);
  const right = withoutNull(b);
  if (left.kind === "dyn" || right.kind === "dyn" || left.kind === "null" || right.kind === "null")
    return true;
  if (isNumber(left) && isNumber(right)) return true;
  if (left.kind === "list" && right.kind === "list") return canEqual(left.item, right.item);
  const isMap = (type: Type) => type.kind === "map" || type.kind === "record";
  return left.kind === right.kind || (isMap(left) && isMap(right));
}

export function membershipError(item: Type, container: Type): string | undefined {
  const inside = withoutNull(container);
  const what = withoutNull(item);
  switch (inside.kind) {
    case "dyn":
      return undefined;
    case "list":
      return canEqual(what, inside.item) ? undefined : "no item of the list can be equal to it";
    case "map":
    case "record":
      return what.kind === "string" || what.kind === "dyn"
        ? undefined
        : "the keys of a map are strings";
    default:
      return inside.kind === "string"
        ? "in looks into lists and maps; for text write text.contains(part)"
        : "in looks into lists and maps";
  }
}
