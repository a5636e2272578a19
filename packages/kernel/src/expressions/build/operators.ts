import { Failure, isLimit, typeFailure } from "../failure.ts";
import { type Frame, type Run, step } from "../frame.ts";
import { compare, compute, negate } from "../values/arithmetic.ts";
import { BOOL, isNumber, type Type, typeName, unify, withoutNull } from "../values/cel-type.ts";
import { equal } from "../values/equality.ts";
import { describe, isMembers } from "../values/values.ts";
import type { ASTNode, Builder, Built } from "./builder.ts";
import {
  type Arithmetic,
  arithmeticType,
  type Comparison,
  canEqual,
  comparisonType,
  membershipError,
} from "./operator-types.ts";

export type Binary = Arithmetic | Comparison | "==" | "!=" | "in";

export function buildBinary(
  builder: Builder,
  node: ASTNode,
  op: Binary,
  args: readonly [ASTNode, ASTNode],
): Built {
  const left = builder.build(args[0]);
  const right = builder.build(args[1]);
  const type = binaryType(op, left, right);
  if (typeof type === "string") return builder.fail(node, type, binaryHint(op, left, right));
  const cost = left.cost + right.cost + 1;
  return { type, run: binaryRun(left.run, right.run, apply(op)), cost, text: builder.text(node) };
}

/** The type of the result, or what is wrong. */
function binaryType(op: Binary, left: Built, right: Built): Type | string {
  const types = `${typeName(left.type)} ${op} ${typeName(right.type)}`;
  switch (op) {
    case "==":
    case "!=":
      return canEqual(left.type, right.type) ? BOOL : `${types}: these are never equal`;
    case "in": {
      const error = membershipError(left.type, right.type);
      return error === undefined ? BOOL : `${types}: ${error}`;
    }
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparisonType(left.type, right.type) ?? `cannot compare ${types}`;
    default:
      return arithmeticType(op, left.type, right.type) ?? `cannot compute ${types}`;
  }
}

function binaryHint(op: Binary, left: Built, right: Built): string | undefined {
  const pair = [withoutNull(left.type).kind, withoutNull(right.type).kind];
  const other = pair[0] === "string" ? right : left;
  if (!pair.includes("string")) return undefined;
  const kind = withoutNull(other.type).kind;
  if (kind === "duration" || kind === "timestamp") {
    return `write ${kind}(${(other === right ? left : right).text})`;
  }
  if (op === "+" || isNumber(other.type)) return `to make text of it, write string(${other.text})`;
  return undefined;
}

type Apply = (left: unknown, right: unknown, frame: Frame) => unknown;

function binaryRun(left: Run, right: Run, applied: Apply): Run {
  return (frame) => {
    const a = left(frame);
    if (a instanceof Failure) return a;
    const b = right(frame);
    return b instanceof Failure ? b : applied(a, b, frame);
  };
}

function apply(op: Binary): Apply {
  switch (op) {
    case "==":
      return equal;
    case "!=":
      return (left, right, frame) => {
        const same = equal(left, right, frame);
        return typeof same === "boolean" ? !same : same;
      };
    case "in":
      return contains;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return (left, right, frame) => compare(op, left, right, frame);
    default:
      return (left, right, frame) => compute(op, left, right, frame);
  }
}

function contains(item: unknown, container: unknown, frame: Frame): boolean | Failure {
  if (Array.isArray(container)) {
    for (const each of container) {
      const same = step(frame, 1) ?? equal(item, each, frame);
      if (same !== false) return same;
    }
    return false;
  }
  if (isMembers(container)) {
    return typeof item === "string"
      ? Object.hasOwn(container, item)
      : typeFailure(`the keys of a map are strings, not ${describe(item)}`);
  }
  return typeFailure(`in looks into lists and maps, not into ${describe(container)}`);
}

export function buildUnary(
  builder: Builder,
  node: ASTNode,
  op: "!_" | "-_",
  operand: ASTNode,
): Built {
  const base = builder.build(operand);
  const isFitting =
    base.type.kind === "dyn" || (op === "!_" ? base.type.kind === "bool" : isNumber(base.type));
  if (!isFitting) {
    const wanted = op === "!_" ? "! takes a bool" : "- takes a number";
    return builder.fail(node, `${wanted}, and ${base.text} is ${typeName(base.type)}`);
  }
  const applied = op === "!_" ? not : negate;
  const run: Run = (frame) => {
    const value = base.run(frame);
    return value instanceof Failure ? value : applied(value);
  };
  return {
    type: op === "!_" ? BOOL : base.type,
    run,
    cost: base.cost + 1,
    text: builder.text(node),
  };
}

function not(value: unknown): boolean | Failure {
  return typeof value === "boolean"
    ? !value
    : typeFailure(`! takes a bool, not ${describe(value)}`);
}

/**
 * `&&` (`absorbing` false) and `||` (true): CEL lets the one side decide whatever the other is, even when
 * the other fails. A limit is never absorbed, or `||` would be a way to go on for ever.
 */
export function buildLogical(
  builder: Builder,
  node: ASTNode,
  absorbing: boolean,
  args: readonly [ASTNode, ASTNode],
): Built {
  const [left, right] = [builder.build(args[0]), builder.build(args[1])];
  for (const [index, side] of [left, right].entries())
    mustBeBool(builder, args[index] as ASTNode, side);
  const run: Run = (frame) => {
    const a = bool(left.run(frame), left);
    if (a === absorbing || isLimit(a)) return a;
    const b = bool(right.run(frame), right);
    return b === absorbing || isLimit(b) || typeof a === "boolean" ? b : a;
  };
  return { type: BOOL, run, cost: left.cost + right.cost + 1, text: builder.text(node) };
}

function bool(value: unknown, from: Built): boolean | Failure {
  if (typeof value === "boolean" || value instanceof Failure) return value;
  return typeFailure(`${from.text} must be true or false, not ${describe(value)}`);
}

export function mustBeBool(builder: Builder, node: ASTNode, built: Built): void {
  const { kind } = withoutNull(built.type);
  if (kind !== "bool" && kind !== "dyn") {
    builder.fail(node, `${built.text} must be true or false, and it is ${typeName(built.type)}`);
  }
}

export function buildTernary(
  builder: Builder,
  node: ASTNode,
  args: readonly [ASTNode, ASTNode, ASTNode],
): Built {
  const [condition, yes, no] = [
    builder.build(args[0]),
    builder.build(args[1]),
    builder.build(args[2]),
  ];
  mustBeBool(builder, args[0], condition);
  const run: Run = (frame) => {
    const chosen = bool(condition.run(frame), condition);
    if (chosen instanceof Failure) return chosen;
    return chosen ? yes.run(frame) : no.run(frame);
  };
  const cost = condition.cost + yes.cost + no.cost + 1;
  return { type: unify(yes.type, no.type), run, cost, text: builder.text(node) };
}

export { bool as boolOf };
