import type { Json } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { checkJsonSchema, compileValidator, type JsonSchema } from "./index.ts";

/** JSON Schema 2020-12 by its sections: a schema, values that fit it, and values that do not. */
interface Case {
  readonly schema: JsonSchema;
  readonly fit: readonly Json[];
  readonly unfit: readonly Json[];
}

const one = (schema: JsonSchema, fit: readonly Json[], unfit: readonly Json[]): Case => ({
  schema,
  fit,
  unfit,
});

/** Written out it would make a promise of the schema, says the linter. */
const THEN = "then";

/** A tree whose nodes are what the schema that extends it says. */
const TREE = {
  $id: "tree",
  $dynamicAnchor: "node",
  type: "object",
  properties: { value: {}, children: { type: "array", items: { $dynamicRef: "#node" } } },
} as const;

const CASES: { readonly [section: string]: readonly Case[] } = {
  "references (core 8.2.3)": [
    one(
      { properties: { next: { $ref: "#" } }, additionalProperties: false },
      [{ next: {} }],
      [{ next: { other: 1 } }],
    ),
    one({ $ref: "#here", $defs: { a: { $anchor: "here", type: "string" } } }, ["x"], [1]),
    one({ $defs: { "a/b~c%": { type: "null" } }, $ref: "#/$defs/a~1b~0c%25" }, [null], [0]),
    one({ $ref: "#/$defs/a", maxLength: 2, $defs: { a: { type: "string" } } }, ["ab"], ["abc", 1]),
  ],
  "embedded schemas (core 8.2.1)": [
    one(
      { $id: "https://a.test/x", $ref: "y", $defs: { y: { $id: "y", type: "number" } } },
      [1],
      [""],
    ),
    one(
      {
        properties: { in: { $id: "inner", $ref: "#/$defs/a", $defs: { a: { type: "boolean" } } } },
        $defs: { a: { type: "string" } },
      },
      [{ in: true }],
      [{ in: "x" }],
    ),
    one(
      { $ref: "s#part", $defs: { s: { $id: "s", $defs: { p: { $anchor: "part", const: 3 } } } } },
      [3],
      [4],
    ),
  ],
  "dynamic references (core 8.2.3.2)": [
    one({ ...TREE }, [{ children: [{ value: 1 }] }], [{ children: [1] }]),
    one(
      {
        $id: "strict",
        $dynamicAnchor: "node",
        $ref: "tree",
        unevaluatedProperties: false,
        $defs: { tree: TREE },
      },
      [{ value: 1, children: [{ value: 2 }] }],
      [{ daat: 1 }, { children: [{ daat: 1 }] }],
    ),
    one(
      { items: { $dynamicRef: "#kind" }, $defs: { k: { $anchor: "kind", type: "string" } } },
      [["a"]],
      [[1]],
    ),
  ],
  "conditions (core 10.2.2)": [
    one(
      { if: { type: "string" }, [THEN]: { minLength: 2 }, else: { const: 0 } },
      ["ab", 0],
      ["a", 1],
    ),
    one({ [THEN]: { const: 1 }, else: { const: 2 } }, [3], []),
    one({ dependentSchemas: { a: { required: ["b"] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }]),
  ],
  "arrays (core 10.3.1)": [
    one(
      { prefixItems: [{ type: "string" }], items: { type: "number" } },
      [["a", 1], []],
      [["a", "b"]],
    ),
    one({ contains: { const: 1 }, minContains: 2, maxContains: 3 }, [[1, 1]], [[1], [1, 1, 1, 1]]),
    one({ contains: { const: 1 }, minContains: 0 }, [[], [2]], []),
  ],
  "unevaluated items (core 11.2)": [
    one({ prefixItems: [{}], unevaluatedItems: false }, [[1]], [[1, 2]]),
    one(
      { contains: { type: "string" }, unevaluatedItems: { type: "number" } },
      [["a", 1]],
      [[1], ["a", null]],
    ),
    one(
      {
        if: { prefixItems: [{ const: 1 }] },
        [THEN]: { prefixItems: [{}, {}] },
        unevaluatedItems: false,
      },
      [[1, 2], []],
      [
        [2, 2],
        [1, 2, 3],
      ],
    ),
    one({ allOf: [{ prefixItems: [{}, {}] }], unevaluatedItems: false }, [[1, 2]], [[1, 2, 3]]),
    one({ not: { not: { prefixItems: [{}] } }, unevaluatedItems: false }, [[]], [[1]]),
  ],
  "unevaluated properties (core 11.3)": [
    one(
      { properties: { a: {} }, patternProperties: { "^x": {} }, unevaluatedProperties: false },
      [{ a: 1, x1: 1 }],
      [{ b: 1 }],
    ),
    one(
      {
        anyOf: [
          { properties: { a: { const: 1 } }, required: ["a"] },
          { properties: { b: {} }, required: ["b"] },
        ],
        unevaluatedProperties: false,
      },
      [{ a: 1 }, { a: 1, b: 2 }, { b: 2 }],
      [
        { a: 2, b: 2 },
        { a: 1, c: 1 },
      ],
    ),
    one(
      {
        if: { properties: { kind: { const: "a" } }, required: ["kind"] },
        [THEN]: { properties: { one: {} } },
        else: { properties: { two: {} } },
        unevaluatedProperties: false,
      },
      [{ kind: "a", one: 1 }, { two: 1 }],
      [{ kind: "a", two: 1 }, { kind: "b" }],
    ),
    one(
      {
        $ref: "#/$defs/base",
        properties: { b: {} },
        unevaluatedProperties: false,
        $defs: { base: { properties: { a: {} } } },
      },
      [{ a: 1, b: 1 }],
      [{ c: 1 }],
    ),
    one(
      { dependentSchemas: { a: { properties: { a: {}, b: {} } } }, unevaluatedProperties: false },
      [{ a: 1, b: 1 }],
      [{ b: 1 }],
    ),
    one(
      { properties: { in: { additionalProperties: true } }, unevaluatedProperties: false },
      [{ in: { x: 1 } }],
      [{ x: 1 }],
    ),
    one(
      { additionalProperties: { type: "number" }, unevaluatedProperties: false },
      [{ x: 1 }],
      [{ x: "" }],
    ),
  ],
  "values (validation 6)": [
    one({ multipleOf: 0.01 }, [19.99, 0.07], [0.075]),
    one(
      { uniqueItems: true },
      [[1, "1", { a: 1 }]],
      [
        [1, 1.0],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ),
    one({ enum: [null, { a: [1] }] }, [null, { a: [1] }], [{ a: [2] }, 0]),
    one({ minLength: 1, maxLength: 1 }, ["💩"], ["ab"]),
    one({ propertyNames: { pattern: "^[a-z]+$" } }, [{ a: 1 }], [{ A: 1 }]),
    one({ dependentRequired: { a: ["b"] } }, [{ b: 1 }], [{ a: 1 }]),
    one({ type: "integer" }, [1, 1.0], [1.5]),
  ],
};

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  it.each(cases)("$schema", ({ schema, fit, unfit }) => {
    expect(checkJsonSchema(schema)).toEqual([]);
    const validator = compileValidator(schema);
    const fits = (value: Json): boolean => validator.validate(value).ok;
    expect({ fit: fit.filter((value) => !fits(value)), unfit: unfit.filter(fits) }).toEqual({
      fit: [],
      unfit: [],
    });
  });
});
