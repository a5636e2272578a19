import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, type Frame, step } from "../frame.ts";
import { compute } from "../values/arithmetic.ts";
import { DOUBLE, DYN, INT, listOf, type Type, unify, withoutNull } from "../values/cel-type.ts";
import { createMembership } from "../values/membership.ts";
import { extreme, sortedBy } from "../values/order.ts";
import { kindOf } from "../values/values.ts";
import { define, type Functions } from "./signature.ts";

const LIST = ["list"] as const;
const NUMBER = ["int"] as const;
type One = readonly [readonly unknown[]];

function itemType([list]: readonly Type[]): Type {
  const type = list === undefined ? DYN : withoutNull(list);
  return type.kind === "list" ? type.item : DYN;
}

function sameList(args: readonly Type[]): Type {
  return listOf(itemType(args));
}

function flatType(args: readonly Type[]): Type {
  const item = withoutNull(itemType(args));
  return args.length === 1 && item.kind === "list" ? item : listOf(DYN);
}

function empty(name: string): Failure {
  return new Failure("missing", `${name}() of an empty list`, `${name}()`);
}

function distinct(list: readonly unknown[], frame: Frame): readonly unknown[] | Failure {
  const members = createMembership(frame);
  const result: unknown[] = [];
  for (const item of list) {
    const isKnown = members.has(item);
    if (isKnown instanceof Failure) return isKnown;
    if (isKnown) continue;
    members.add(item);
    result.push(item);
  }
  return allocate(frame, list.length) ?? result;
}

function flatten(
  list: readonly unknown[],
  depth: number,
  frame: Frame,
): readonly unknown[] | Failure {
  if (depth < 0) return evaluationFailure(`flatten() goes ${depth} deep; write 0 or more`);
  const result: unknown[] = [];
  for (const item of list) {
    const isOpen = depth > 0 && Array.isArray(item);
    const items = isOpen ? flatten(item, depth - 1, frame) : [item];
    if (items instanceof Failure) return items;
    const tooLarge = allocate(frame, items.length) ?? step(frame, 1);
    if (tooLarge !== undefined) return tooLarge;
    for (const each of items) result.push(each);
  }
  return result;
}

function slice(
  [list, from, to]: readonly [readonly unknown[], number, number],
  frame: Frame,
): readonly unknown[] | Failure {
  if (from < 0 || to < from || to > list.length)
    return evaluationFailure(
      `slice(${from}, ${to}) is outside the list, which has ${list.length} items`,
    );
  return allocate(frame, to - from) ?? list.slice(from, to);
}

/** The sum of numbers or of durations; of nothing it is 0. */
function sum(list: readonly unknown[], frame: Frame): unknown {
  const tooLong = step(frame, list.length);
  if (tooLong !== undefined) return tooLong;
  let total: unknown = list.length === 0 ? 0 : list[0];
  const kind = kindOf(total);
  if (kind !== "int" && kind !== "double" && kind !== "duration")
    return evaluationFailure("sum() takes a list of numbers or of durations");
  for (const item of list.slice(1)) {
    total = compute("+", total, item, frame);
    if (total instanceof Failure) return total;
  }
  return total;
}

function average(list: readonly unknown[], frame: Frame): unknown {
  if (list.length === 0) return empty("avg");
  const total = sum(list, frame);
  if (typeof total === "number") return total / list.length;
  return total instanceof Failure ? total : evaluationFailure("avg() takes a list of numbers");
}

function zip(
  [left, right]: readonly [readonly unknown[], readonly unknown[]],
  frame: Frame,
): readonly unknown[] | Failure {
  const length = Math.min(left.length, right.length);
  const tooLarge = allocate(frame, length * 3);
  return tooLarge ?? left.slice(0, length).map((item, index) => [item, right[index]]);
}

function range(from: number, to: number, frame: Frame): readonly number[] | Failure {
  const length = Math.max(0, to - from);
  const tooLarge = allocate(frame, length) ?? step(frame, length >> 2);
  return tooLarge ?? Array.from({ length }, (_, index) => from + index);
}

export const LIST_FUNCTIONS: Functions = {
  first: define<One>({
    style: "method",
    takes: [LIST],
    does: "the first item; missing in an empty list, so `default()` answers for it",
    example: "[3, 1, 2].first() == 3",
    gives: itemType,
    apply: ([list]) => (list.length > 0 ? list[0] : empty("first")),
  }),
  last: define<One>({
    style: "method",
    takes: [LIST],
    does: "the last item; missing in an empty list, so `default()` answers for it",
    example: "[3, 1, 2].last() == 2",
    gives: itemType,
    apply: ([list]) => (list.length > 0 ? list.at(-1) : empty("last")),
  }),
  slice: define<readonly [readonly unknown[], number, number]>({
    style: "method",
    takes: [LIST, NUMBER, NUMBER],
    does: "the items from one position to before another",
    example: "[1, 2, 3, 4].slice(1, 3) == [2, 3]",
    gives: sameList,
    apply: slice,
  }),
  sort: define<One>({
    style: "method",
    takes: [LIST],
    does: "the items in order: all numbers, or all of one kind",
    example: "[3, 1, 2].sort() == [1, 2, 3]",
    gives: sameList,
    apply: ([list], frame) =>
      list.length === 0
        ? list
        : (allocate(frame, list.length) ?? sortedBy("sort", list, list, frame)),
  }),
  distinct: define<One>({
    style: "method",
    takes: [LIST],
    does: "each item once, where it first stands",
    example: "[1, 2, 1].distinct() == [1, 2]",
    gives: sameList,
    apply: ([list], frame) => distinct(list, frame),
  }),
  flatten: define<readonly [readonly unknown[], number?]>({
    style: "method",
    takes: [LIST, NUMBER],
    needs: 1,
    does: "the items of the lists in the list, one level deep or as many as given",
    example: "[[1], [2, [3]]].flatten() == [1, 2, [3]]",
    gives: flatType,
    apply: ([list, depth = 1], frame) => flatten(list, depth, frame),
  }),
  reverse: define<readonly [string | readonly unknown[]]>({
    style: "method",
    takes: [["list", "string"]],
    does: "the items, or the characters of a text, from last to first",
    example: "[1, 2].reverse() == [2, 1] && 'abc'.reverse() == 'cba'",
    gives: ([type]) => type ?? DYN,
    apply: ([value], frame) =>
      allocate(frame, value.length) ??
      (typeof value === "string" ? [...value].reverse().join("") : value.toReversed()),
  }),
  sum: define<One>({
    style: "method",
    takes: [LIST],
    does: "the sum of numbers or durations; 0 of an empty list",
    example: "[1, 2, 3.5].sum() == 6.5",
    gives: (args) => unify(itemType(args), INT),
    apply: ([list], frame) => sum(list, frame),
  }),
  avg: define<One>({
    style: "method",
    takes: [LIST],
    does: "the mean of numbers; missing in an empty list",
    example: "[1, 2, 6].avg() == 3",
    gives: DOUBLE,
    apply: ([list], frame) => average(list, frame),
  }),
  min: define<One>({
    style: "method",
    takes: [LIST],
    does: "the least item; missing in an empty list",
    example: "[3, 1, 2].min() == 1",
    gives: itemType,
    apply: ([list], frame) => (list.length > 0 ? extreme("min", "<", list, frame) : empty("min")),
  }),
  max: define<One>({
    style: "method",
    takes: [LIST],
    does: "the greatest item; missing in an empty list",
    example: "['a', 'c', 'b'].max() == 'c'",
    gives: itemType,
    apply: ([list], frame) => (list.length > 0 ? extreme("max", ">", list, frame) : empty("max")),
  }),
  "lists.range": define<readonly [number, number?]>({
    style: "call",
    takes: [NUMBER, NUMBER],
    needs: 1,
    does: "the integers from 0, or from the first number, to before the last",
    example: "lists.range(3) == [0, 1, 2] && lists.range(2, 4) == [2, 3]",
    gives: listOf(INT),
    apply: ([first, end], frame) =>
      end === undefined ? range(0, first, frame) : range(first, end, frame),
  }),
  "lists.zip": define<readonly [readonly unknown[], readonly unknown[]]>({
    style: "call",
    takes: [LIST, LIST],
    does: "pairs of the items that stand at the same place, as many as both lists have",
    example: "lists.zip(['a', 'b'], [1, 2]) == [['a', 1], ['b', 2]]",
    gives: listOf(listOf(DYN)),
    apply: zip,
  }),
};
