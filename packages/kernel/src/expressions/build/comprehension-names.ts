import type { Shown } from "../functions/signature.ts";

/** Macros that go through a list or a map, and how they are written. */
export interface Comprehension extends Shown {
  readonly signature: string;
  /** How many names and expressions it takes, as pairs of both. */
  readonly forms: readonly (readonly [names: number, bodies: number])[];
}

const ONE_OR_TWO = [
  [1, 1],
  [2, 1],
] as const;
const LAST_MAY_FOLLOW = [
  [2, 1],
  [2, 2],
] as const;

export const COMPREHENSIONS: { readonly [name: string]: Comprehension } = {
  all: {
    signature: "list.all(x, bool)",
    does: "whether it holds for every item; with two names they are index and item, or key and value",
    example: "[1, 2].all(x, x > 0) && {'a': 1}.all(k, v, v == 1)",
    forms: ONE_OR_TWO,
  },
  exists: {
    signature: "list.exists(x, bool)",
    does: "whether it holds for an item; over a map, one name goes through the keys",
    example: "[1, 2].exists(x, x > 1) && {'a': 1}.exists(k, k == 'a')",
    forms: ONE_OR_TWO,
  },
  exists_one: {
    signature: "list.exists_one(x, bool)",
    does: "whether it holds for exactly one item",
    example: "[1, 2].exists_one(x, x > 1)",
    forms: ONE_OR_TWO,
  },
  existsOne: {
    signature: "list.existsOne(i, x, bool)",
    does: "the same as `exists_one`",
    example: "[1, 2].existsOne(i, x, x > 1)",
    forms: ONE_OR_TWO,
  },
  filter: {
    signature: "list.filter(x, bool)",
    does: "the items for which it holds",
    example: "[1, 2, 3].filter(x, x > 1) == [2, 3]",
    forms: [[1, 1]],
  },
  map: {
    signature: "list.map(x, value)",
    does: "the value made of each item; with three arguments, of each for which the second holds",
    example: "[1, 2].map(x, x * 2) == [2, 4] && [1, 2].map(x, x > 1, x * 2) == [4]",
    forms: [
      [1, 1],
      [1, 2],
    ],
  },
  sortBy: {
    signature: "list.sortBy(x, key)",
    does: "the items in the order of what is made of each",
    example: "[{'n': 2}, {'n': 1}].sortBy(x, x.n).map(x, x.n) == [1, 2]",
    forms: [[1, 1]],
  },
  transformList: {
    signature: "list.transformList(i, x, value)",
    does: "a list of what is made of each index and item, or key and value; a condition may stand before it",
    example: "[5, 6].transformList(i, x, i + x) == [5, 7]",
    forms: LAST_MAY_FOLLOW,
  },
  transformMap: {
    signature: "map.transformMap(k, v, value)",
    does: "a map with the same keys and what is made of each key and value; a condition may stand before it",
    example: "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2) == {'b': 4}",
    forms: LAST_MAY_FOLLOW,
  },
};
