import type { Json } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import {
  checkJsonSchema,
  compileValidator,
  formatTimestamp,
  type JsonSchema,
  objectSchema,
  parseTimestamp,
  schemaSlips,
} from "./index.ts";

function schemaOf(fields: unknown, closed = true) {
  const result = objectSchema(fields, { closed });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.schema;
}

function errorsOf(fields: unknown) {
  const result = objectSchema(fields, { closed: true });
  return result.ok ? [] : result.errors;
}

describe("the short form", () => {
  it("becomes one object schema, closed for inputs and open for outputs", () => {
    const fields = {
      name: "string!",
      tags: "string[]*",
      wait: { type: "duration", default: "0s" },
      n: { type: "integer", minimum: 1, required: true },
    };
    expect(schemaOf(fields)).toEqual({
      type: "object",
      properties: {
        name: { type: "string" },
        tags: { type: ["array", "null"], items: { type: "string" } },
        wait: { type: "string", format: "duration", default: "0s" },
        n: { type: "integer", minimum: 1 },
      },
      required: ["name", "n"],
      additionalProperties: false,
    });
    expect(schemaOf({ a: "any" }, false)).toEqual({ type: "object", properties: { a: {} } });
  });

  it.each([undefined, null, {}])("takes %j for no fields", (fields) => {
    expect(schemaOf(fields)).toEqual({
      type: "object",
      properties: {},
      additionalProperties: false,
    });
  });

  it.each([
    [{ a: "strng!" }, ["a"], /did you mean "string!"/],
    [{ a: "string!*" }, ["a"], /in this order/],
    [{ a: null }, ["a"], /quotes/],
    [{ a: { type: "wat" } }, ["a", "type"], /duration/],
    [{ a: { street: "string!" } }, ["a"], /properties: \{ street/],
    [{ a: { type: "string", minLenght: 3 } }, ["a", "minLenght"], /did you mean "minLength"/],
    [{ a: { type: "duration", default: "soon" } }, ["a", "default"], /.*/],
    [
      { a: { type: "object", properties: { b: { required: true } } } },
      ["a", "properties", "b", "required"],
      /list of property names/,
    ],
    [["string"], [], /name/],
    [JSON.parse('{"__proto__": "string"}') as unknown, ["__proto__"], /.*/],
  ])("%j is refused where it is wrong", (fields, path, hint) => {
    const [error] = errorsOf(fields);
    expect(error?.path).toEqual(path);
    expect(error?.hint ?? "").toMatch(hint);
  });

  it("reports every wrong field at once", () => {
    expect(
      errorsOf({ a: "strng", b: "intger", c: "string" }).map((error) => error.path[0]),
    ).toEqual(["a", "b"]);
  });
});

describe("uniqueItems", () => {
  const unique = compileValidator({ type: "array", uniqueItems: true });

  it.each([
    [[1, "1", true, "true", null, "null", [1], { a: 1 }, "[1]", { a: 2 }, { a: 1, b: 1 }], true],
    [[1, 2, 1], false],
    [[0, -0], false],
    [
      [
        { a: 1, b: [{ c: 1, d: 2 }] },
        { b: [{ d: 2, c: 1 }], a: 1 },
      ],
      false,
    ],
    [
      [
        [1, 2],
        [2, 1],
      ],
      true,
    ],
  ])("holds items against each other as values: of %j is %j", (items, areUnique) => {
    expect(unique.validate(items as Json).ok).toBe(areUnique);
    expect(compileValidator({ uniqueItems: false }).validate(items as Json).ok).toBe(true);
  });

  it("names the first two that are the same", () => {
    const checked = unique.validate([1, 2, 3, 2, 3]);
    expect(checked.ok ? [] : checked.errors).toMatchObject([
      { path: "", message: expect.stringContaining("items ## 1 and 3 are identical") },
    ]);
  });

  it("takes a moment for as many items as come", () => {
    const items = Array.from({ length: 60_000 }, (_, n) => ({ n }));
    const started = performance.now();
    expect(unique.validate(items).ok).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("multipleOf", () => {
  it.each([
    [0.01, 19.99, true],
    [0.01, 12345678.91, true],
    [0.01, -0.07, true],
    [0.1, 1e22, true],
    [1e-7, 3e-7, true],
    [3, 9, true],
    [0.01, 19.995, false],
    [0.01, 0.010000001, false],
    [1, 1.0000000001, false],
    [3, 10, false],
  ])("goes by the digits as they are written: of %d is %d", (multipleOf, value, isOne) => {
    const checked = compileValidator({ multipleOf }).validate(value);
    expect(checked.ok).toBe(isOne);
    if (!checked.ok) expect(checked.errors[0]?.message).toContain(`multiple of ${multipleOf}`);
  });
});

describe("a JSON Schema", () => {
  it.each([
    [3, "must be a map"],
    [{ type: "objct" }, "must be one of"],
    [{ $ref: "https://example.test/schema" }, "only lead into its own"],
    [{ $ref: "#/$defs/nme", $defs: { name: {} } }, "leads nowhere"],
    [{ $ref: "#nme", $defs: { name: { $anchor: "name" } } }, "leads nowhere"],
    [{ allOf: [{ $id: "a" }, { $id: "./a" }] }, 'two schemas with the $id "./a"'],
    [{ allOf: [{ $anchor: "a" }, { $anchor: "a" }] }, 'two anchors "a"'],
    [{ $id: "http://[" }, "is no URI"],
    [{ $schema: "http://json-schema.org/draft-07/schema#" }, "2020-12"],
    [{ pattern: "(" }, "regular expression"],
    [{ pattern: "(?=.*x)" }, 'several patterns under allOf instead, and "not"'],
    [{ pattern: "(?<a>.)\\k<a>" }, "references back"],
    [{ pattern: "x{1,2000}" }, "is not a range up to 1000"],
    [{ description: "x".repeat(300_000) }, "bytes"],
    [JSON.parse(`${'{"not":'.repeat(70)}{}${"}".repeat(70)}`) as unknown, "levels deep"],
  ])("is refused when it is no good (%#)", (schema, message) => {
    expect(checkJsonSchema(schema)[0]?.message).toContain(message);
  });

  it("takes data in enum, const and default for data", () => {
    const schema = {
      enum: [{ $ref: "http://x" }],
      default: { $id: "y" },
      properties: { $ref: { type: "string" } },
    };
    expect(checkJsonSchema(schema)).toEqual([]);
  });

  it.each([
    [{ not: { $schema: "http://json-schema.org/draft-07/schema#" } }, "2020-12"],
    [{ items: { format: "emial" } }, "there is no format emial"],
    [JSON.parse('{"not":{"properties":{"__proto__":{}}}}') as JsonSchema, "is not looked at"],
  ])("is told what it says in vain (%#)", (schema, message) => {
    expect(checkJsonSchema(schema)).toEqual([]);
    expect(schemaSlips(schema)).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  it("may refer to the schema of schemas, and have a format of its own", () => {
    const schema = { $ref: "https://json-schema.org/draft/2020-12/schema", format: "hue" };
    expect(checkJsonSchema(schema)).toEqual([]);
    const validator = compileValidator(schema);
    expect([{ type: "string" }, { type: "strin" }].map((it) => validator.validate(it).ok)).toEqual([
      true,
      false,
    ]);
  });

  it("is refused where its references, written out, come to too much", () => {
    // Each reference is reached with either meaning of each name: 2^24 ways.
    const names = Array.from({ length: 24 }, (_, i) => `n${i}`);
    const stage = (i: number): { [keyword: string]: Json } => ({
      $id: `s${i}`,
      anyOf: ["a", "b"].map((way) => ({ $ref: `${way}${i}` })),
    });
    const way = (of: string, i: number): { [keyword: string]: Json } => ({
      $id: `${of}${i}`,
      $defs: { here: { $dynamicAnchor: `n${i}` } },
      $ref: i + 1 < names.length ? `s${i + 1}` : "#n0",
      properties: { x: { $dynamicRef: `#n${i}` } },
    });
    const parts = names.flatMap((_, i) => [stage(i), way("a", i), way("b", i)]);
    const last = { $id: "s24", $dynamicRef: "a0#n0" };
    const schema = {
      $ref: "s0",
      $defs: Object.fromEntries([...parts, last].map((it, i) => [i, it])),
    };
    const started = performance.now();
    expect(checkJsonSchema(schema)[0]?.message).toMatch(/come to too much|leads nowhere/);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("takes a circle for an error, not for ever", () => {
    const schema: { not?: unknown } = {};
    schema.not = schema;
    expect(checkJsonSchema(schema)[0]?.message).toContain("levels deep");
  });
});

describe("a validator", () => {
  const validator = compileValidator(
    schemaOf({
      people: "string[]!",
      wait: { type: "duration", default: "0s" },
      n: "integer*",
      at: "timestamp",
      mode: { enum: ["on", "off"] },
    }),
  );

  it("fills in defaults on a copy", () => {
    const value = { people: [] };
    expect(validator.validate(value)).toEqual({ ok: true, value: { people: [], wait: "0s" } });
    expect(value).toEqual({ people: [] });
  });

  it("says of every wrong place what was expected, what came, and the likely slip", () => {
    const result = validator.validate({
      peple: [],
      n: 1.5,
      wait: "P1D",
      at: "2024-02-30T00:00:00Z",
      mode: "of",
    });
    expect(result.ok ? [] : result.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: "/people", expected: "a list", got: "nothing" }),
        expect.objectContaining({ path: "/peple", hint: 'did you mean "people"?' }),
        expect.objectContaining({ path: "/n", expected: "an integer or null", got: "a number" }),
        expect.objectContaining({ path: "/wait", got: '"P1D"' }),
        expect.objectContaining({ path: "/at" }),
        expect.objectContaining({ path: "/mode", expected: 'one of "on", "off"', got: '"of"' }),
      ]),
    );
  });

  it("does not take what a prototype has for a field", () => {
    const strict = compileValidator(schemaOf({ constructor: "object!", toString: "any!" }));
    const result = strict.validate({});
    expect(result.ok ? [] : result.errors.map((error) => error.path)).toEqual([
      "/constructor",
      "/toString",
    ]);
  });

  it("is made once for equal schemas", () => {
    expect(compileValidator({ type: "string", minLength: 7 })).toBe(
      compileValidator({ type: "string", minLength: 7 }),
    );
  });

  it("reports the first error of a huge value, at most twenty of any other, and a choice as one", () => {
    const list = compileValidator({ type: "array", items: { type: "string" } });
    const huge = list.validate(Array.from({ length: 20_000 }, () => 1));
    const many = list.validate(Array.from({ length: 100 }, () => 1));
    expect([huge, many].map((result) => (result.ok ? 0 : result.errors.length))).toEqual([1, 20]);
    const choice = compileValidator({ anyOf: [{ type: "string" }, { type: "integer" }] }).validate(
      true,
    );
    expect(choice.ok ? 0 : choice.errors.length).toBe(1);
  });

  it("refuses a value too deep for a schema that refers to itself", () => {
    const nested = compileValidator({
      $ref: "#/$defs/a",
      $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } },
    });
    const deep = JSON.parse("[".repeat(200_000) + "]".repeat(200_000)) as [];
    expect(nested.validate(deep)).toMatchObject({ ok: false });
    expect(nested.validate([[[]]])).toMatchObject({ ok: true });
  });

  it.each([true, false])("takes the schema %j", (schema) => {
    expect(compileValidator(schema).validate(1).ok).toBe(schema);
  });
});

describe("a field", () => {
  it("refers to what stands within it", () => {
    const schema = schemaOf({
      tree: {
        $ref: "#/$defs/node",
        $defs: { node: { type: "array", items: { $ref: "#/$defs/node" } } },
      },
      "a b": { type: "object", properties: { more: { $ref: "#" } }, additionalProperties: false },
    });
    const validator = compileValidator(schema);
    expect(validator.validate({ tree: [[], [[]]], "a b": { more: { more: {} } } }).ok).toBe(true);
    for (const wrong of [{ tree: [[1]] }, { "a b": { more: { less: {} } } }])
      expect(validator.validate(wrong).ok).toBe(false);
  });
});

describe("what is not evaluated", () => {
  it("is told with its place, and by the schema that it had to fit", () => {
    const closed = compileValidator({
      properties: { a: {} },
      anyOf: [{ properties: { b: {} }, required: ["b"] }, {}],
      unevaluatedProperties: false,
    });
    expect(closed.validate({ a: 1, b: 2 }).ok).toBe(true);
    expect(closed.validate({ a: 1, aa: 2 })).toMatchObject({
      errors: [{ path: "/aa", hint: 'did you mean "a"?' }],
    });
    const list = compileValidator({
      properties: { x: { prefixItems: [{}], unevaluatedItems: { type: "string" } } },
    });
    expect(list.validate({ x: [1, "a", 2] })).toMatchObject({
      errors: [{ path: "/x/2", message: "expected a string, got a number" }],
    });
  });
});

describe("what is not evaluated at many levels", () => {
  it("is found in a moment", () => {
    const tree = compileValidator({
      $dynamicAnchor: "tree",
      properties: { name: { type: "string" } },
      anyOf: [{ properties: { child: { $ref: "#" } } }, { required: ["leaf"] }],
      unevaluatedProperties: false,
    });
    const nested = (levels: number, last: Json): Json =>
      levels === 0 ? last : { name: "a", child: nested(levels - 1, last) };
    const started = performance.now();
    expect(tree.validate(nested(60, {})).ok).toBe(true);
    expect(tree.validate(nested(60, { other: 1 })).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("times", () => {
  it.each([
    ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31T00:30:00.1234+01:00", "2026-01-30T23:30:00.123Z"],
    ["2024-02-29T23:59:59-05:00", "2024-03-01T04:59:59.000Z"],
  ])("%s is %s", (text, utc) => {
    expect(formatTimestamp(parseTimestamp(text) ?? Number.NaN)).toBe(utc);
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-01-31",
    "2026-01-31 09:30:00Z",
    "2026-01-31T25:00:00Z",
    "tomorrow",
    "",
  ])("%j is none", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
