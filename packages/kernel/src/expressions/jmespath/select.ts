import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, type Frame, step } from "../frame.ts";
import { compare } from "../values/arithmetic.ts";
import { equal } from "../values/equality.ts";
import { setMember } from "../values/to-json.ts";
import { isMembers } from "../values/values.ts";

/** What the parts of a query do. Each is a function from the current value; null stands for "nothing there". */
export type Query = (value: unknown, frame: Frame) => unknown;

export const current: Query = (value) => value;

export function literal(value: unknown): Query {
  return () => value;
}

export function field(name: string): Query {
  return (value, frame) =>
    step(frame, 1) ??
    (isMembers(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null);
}

export function item(index: number): Query {
  return (value, frame) =>
    step(frame, 1) ?? (Array.isArray(value) ? (value.at(index) ?? null) : null);
}

/** `left.right` and `left | right`. */
export function chain(left: Query, right: Query): Query {
  return (value, frame) => {
    const result = left(value, frame);
    return result instanceof Failure ? result : right(result, frame);
  };
}

/** What `from:to:step` of a list is, as in Python. */
export function slice(parts: readonly (number | undefined)[]): Query {
  const [from, to, by = 1] = parts;
  return (value, frame) => {
    if (!Array.isArray(value)) return null;
    const { length } = value;
    const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
    const bound = (place: number | undefined, otherwise: number) =>
      place === undefined
        ? otherwise
        : Math.min(Math.max(place < 0 ? place + length : place, low), high);
    const start = bound(from, by > 0 ? 0 : length - 1);
    const end = bound(to, by > 0 ? length : -1);
    const tooLarge = allocate(frame, Math.max(0, Math.ceil((end - start) / by)));
    if (tooLarge !== undefined) return tooLarge;
    const result: unknown[] = [];
    for (let at = start; by > 0 ? at < end : at > end; at += by) result.push(value[at]);
    return result;
  };
}

/** Each item that `items` gives put through `right`, without those of which nothing is left. */
function collect(
  items: readonly unknown[],
  right: Query,
  frame: Frame,
): readonly unknown[] | Failure {
  const result: unknown[] = [];
  for (const each of items) {
    const value = allocate(frame, 1) ?? step(frame, 1) ?? right(each, frame);
    if (value instanceof Failure) return value;
    if (value !== null) result.push(value);
  }
  return result;
}

export function projection(left: Query, right: Query): Query {
  return chain(left, (list, frame) => (Array.isArray(list) ? collect(list, right, frame) : null));
}

export function valueProjection(left: Query, right: Query): Query {
  return chain(left, (map, frame) =>
    isMembers(map) ? collect(Object.values(map), right, frame) : null,
  );
}

export function filterProjection(left: Query, condition: Query, right: Query): Query {
  const chosen: Query = (value, frame) => {
    const holds = condition(value, frame);
    if (holds instanceof Failure) return holds;
    return isTrue(holds) ? right(value, frame) : null;
  };
  return projection(left, chosen);
}

export function flatten(left: Query): Query {
  return chain(left, (list, frame) => {
    if (!Array.isArray(list)) return null;
    const result: unknown[] = [];
    for (const each of list as readonly unknown[]) {
      const items: readonly unknown[] = Array.isArray(each) ? each : [each];
      const tooLarge = allocate(frame, items.length) ?? step(frame, 1);
      if (tooLarge !== undefined) return tooLarge;
      for (const one of items) result.push(one);
    }
    return result;
  });
}

export function multiList(queries: readonly Query[]): Query {
  return (value, frame) => {
    if (value === null) return null;
    const result: unknown[] = [];
    for (const query of queries) {
      const each = allocate(frame, 1) ?? query(value, frame);
      if (each instanceof Failure) return each;
      result.push(each);
    }
    return result;
  };
}

export function multiMap(entries: readonly (readonly [string, Query])[]): Query {
  return (value, frame) => {
    if (value === null) return null;
    const result: { [key: string]: unknown } = {};
    for (const [key, query] of entries) {
      const each = allocate(frame, 1) ?? query(value, frame);
      if (each instanceof Failure) return each;
      setMember(result, key, each);
    }
    return result;
  };
}

/** All but false, null and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === false || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isMembers(value) || Object.keys(value).length > 0;
}

/** `left || right` (`deciding` true) and `left && right`: the side that decides, not true or false. */
export function either(left: Query, right: Query, deciding: boolean): Query {
  return (value, frame) => {
    const first = left(value, frame);
    return first instanceof Failure || isTrue(first) === deciding ? first : right(value, frame);
  };
}

export function not(query: Query): Query {
  return chain(query, (value) => !isTrue(value));
}

export type Comparator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Only numbers have an order; of anything else it is null. */
export function comparison(op: Comparator, left: Query, right: Query): Query {
  return (value, frame) => {
    const a = left(value, frame);
    const b = a instanceof Failure ? a : right(value, frame);
    if (b instanceof Failure) return b;
    if (op === "==" || op === "!=") {
      const isSame = equal(a, b, frame);
      return isSame instanceof Failure ? isSame : isSame === (op === "==");
    }
    return typeof a === "number" && typeof b === "number" ? compare(op, a, b, frame) : null;
  };
}

export function queryFailure(message: string): Failure {
  return evaluationFailure(`jmespath(): ${message}`);
}
