import { Failure, typeFailure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { compare } from "./arithmetic.ts";
import { describe, kindOf } from "./values.ts";

/** Values that can be put in order are all numbers, or all of one kind that `<` compares. */
function orderKind(value: unknown): string | undefined {
  const kind = kindOf(value);
  if (kind === "int" || kind === "double") return "number";
  return kind === "null" || kind === "list" || kind === "map" ? undefined : kind;
}

/** What speaks against putting these in order. */
export function orderProblem(name: string, values: readonly unknown[]): Failure | undefined {
  const first = orderKind(values[0]);
  for (const value of values) {
    if (first !== undefined && orderKind(value) === first) continue;
    return typeFailure(
      `${name}() takes values of one kind that has an order, not ${describe(values[0])} and ${describe(value)}`,
    );
  }
  return undefined;
}

/** The items in the order of their keys; equal ones stay as they were. */
export function sortedBy(
  name: string,
  items: readonly unknown[],
  keys: readonly unknown[],
  frame: Frame,
): readonly unknown[] | Failure {
  const problem =
    orderProblem(name, keys) ?? step(frame, items.length * Math.ceil(Math.log2(items.length + 1)));
  if (problem !== undefined) return problem;
  let failure: Failure | undefined;
  const order = Array.from(items.keys()).sort((a, b) => {
    if (failure !== undefined) return 0;
    const isLess = compare("<", keys[a], keys[b], frame);
    if (isLess === true) return -1;
    const isMore = isLess instanceof Failure ? isLess : compare(">", keys[a], keys[b], frame);
    if (isMore instanceof Failure) failure = isMore;
    return isMore === true ? 1 : 0;
  });
  return failure ?? order.map((index) => items[index]);
}

/** The least value (`<`) or the greatest (`>`). The values are not empty. */
export function extreme(
  name: string,
  op: "<" | ">",
  values: readonly unknown[],
  frame: Frame,
): unknown {
  const problem = orderProblem(name, values) ?? step(frame, values.length);
  if (problem !== undefined) return problem;
  let best = values[0];
  for (const value of values) {
    const isBetter = compare(op, value, best, frame);
    if (isBetter instanceof Failure) return isBetter;
    if (isBetter) best = value;
  }
  return best;
}
