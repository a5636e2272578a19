import { describe, expect, it } from "vitest";
import { errorOf, loadErrors, resultOf, UNTYPED } from "./expression.fixture.ts";
import type { Scope } from "./index.ts";

describe("numbers", () => {
  it.each([
    ["5 / 2", 2.5],
    ["4 / 2", 2],
    ["v.n + 1", 6],
    ["v.n % 2", 1],
    ["v.n / 2", 2.5],
    ["v.n + 0.5", 5.5],
    ["1 == 1.0", true],
    ["v.n == 5.0", true],
    ["1 < 1.5", true],
    ["v.half > 0", true],
    ["size(v.list) + v.n", 8],
    ["v.list[size(v.list) / 3]", 20],
    ["0x10 + 1u", 17],
    ["-v.n", -5],
    ["int('7') + double('0.5')", 7.5],
    ["int(7 / 2)", 3],
    ["1.5 in [1, 1.5]", true],
  ])("%s is %j", (source, value) => {
    expect(resultOf(source, { v: { n: 5, half: 0.5, list: [10, 20, 30] } })).toBe(value);
  });

  it.each([
    "9007199254740991 + 1",
    "1.0e308 * 10.0",
    "1 / 0",
    "1.0 % 0.0",
    "int(1.0e300)",
    "double('inf')",
  ])("%s is an error, never a wrong or infinite number", (source) => {
    expect(errorOf(source)).toMatchObject({ kind: "evaluation", source });
  });

  it("refuses at load an integer that JSON cannot carry", () => {
    expect(loadErrors("9007199254740993 == v", UNTYPED)[0]?.message).toContain("2^53");
  });
});

describe("results", () => {
  it.each([
    ["duration('1h30m')", "5400s"],
    ["duration('500ms')", "0.5s"],
    ["timestamp('2026-01-31T09:30:00+01:00')", "2026-01-31T08:30:00.000Z"],
    ["timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z')", "86400s"],
    ["b'abc'", "YWJj"],
    ["[duration('1s'), {'at': timestamp(0)}]", ["1s", { at: "1970-01-01T00:00:00.000Z" }]],
    ["size('😀é')", 2],
    ["string([1, {'a': duration('1s')}])", '[1,{"a":"1s"}]'],
    ["{'constructor': 1, '__proto__': 2}.constructor", 1],
  ])("%s becomes the JSON %j", (source, value) => {
    expect(resultOf(source)).toEqual(value);
  });

  it("gives a list or map of the scope as it is, without a copy", () => {
    const v = { list: [{ a: 1 }] };
    expect(resultOf("v.list", { v })).toBe(v.list);
  });

  it("keeps a __proto__ key of JSON data an ordinary field", () => {
    const v = JSON.parse('{"a": {"__proto__": {"admin": true}}}') as Scope;
    const result = resultOf("[v]", { v }) as unknown as [{ a: object & { admin?: boolean } }];
    expect(result[0].a.admin).toBeUndefined();
    expect(JSON.stringify(result)).toBe(JSON.stringify([v]));
  });
});

describe("functions", () => {
  it.each([
    ["'a,b,c'.split(',').join('-')", "a-b-c"],
    ["'a,b,c'.split(',', 2)", ["a", "b,c"]],
    ["'Hé'.upperAscii() + 'HÉ'.lowerAscii()", "HéhÉ"],
    ["' x '.trim()", "x"],
    ["'x😀yz'.substring(1, 3)", "😀y"],
    ["'x😀yz'.indexOf('y')", 2],
    ["'abab'.lastIndexOf('a')", 2],
    ["'aXbX'.replace('X', '-')", "a-b-"],
    ["'aXbX'.replace('X', '-', 1)", "a-bX"],
    ["'release-1.2'.matches('^release-[0-9.]+$')", true],
    ["[1, 2, 3].filter(x, x > 1).map(x, x * 2)", [4, 6]],
    ["[1, 2, 3].map(x, x > 1, x * 2)", [4, 6]],
    ["[1, 2].all(x, x > 0) && ![1, 2].exists_one(x, x > 0)", true],
    ["{'b': 1, 'a': 2}.map(k, k)", ["b", "a"]],
    ["[1].map(x, [2].map(x, x))", [[2]]],
    ["'a' in {'a': 1} && !('b' in {'a': 1})", true],
    ["[1, [2]] + ['x']", [1, [2], "x"]],
    ["{'a': [1]} == {'a': [1.0]}", true],
    ["{'a': 1} == {'a': 1, 'b': 2}", false],
    ["{'a': 1, 'b': 2} == {'a': 1}", false],
    ["true ? 1 : 'a'", 1],
    ["bool('true') && string(1.5) == '1.5'", true],
    ["timestamp('2024-03-01T00:00:00Z').getDayOfYear()", 60],
    ["timestamp('2024-03-01T12:00:00Z').getHours('+02:00')", 14],
  ])("%s is %j", (source, value) => {
    expect(resultOf(source)).toEqual(value);
  });

  it.each([
    "timestamp('2024-02-30T00:00:00Z')",
    "duration('1 hour')",
    "'abc'.substring(5)",
    "'a'.matches('(' + '')",
    "{'a': 1, 'a': 2}",
  ])("%s is an error that says why", (source) => {
    expect(errorOf(source)).toMatchObject({ kind: "evaluation" });
  });
});

describe("values of the scope", () => {
  it.each([
    ["v == w", "a".repeat(99), `${"a".repeat(98)}b`, false],
    ["[v] == [duration('90s')]", "1m30s", null, true],
    ["[v] == [duration('90s')]", "1m31s", null, false],
    ["v[w]", [7], 0, 7],
    ["v[w]", { "0": 7 }, "0", 7],
  ])("%s of %j and %j is %j", (source, v, w, is) => {
    expect(resultOf(source, { v, w })).toBe(is);
  });

  it.each([
    [[7], "0", "v is a list: w must be an int, not a string"],
    [[7], 0.5, "v is a list: w must be an int, not a double"],
    [[7], true, "w must be an int or a string to index with, not a bool"],
  ])("v[w] of %j and %j: %s", (v, w, message) => {
    expect(errorOf("v[w]", { v, w })).toMatchObject({ kind: "type", message });
  });
});

describe("text that is no expression", () => {
  it.each([
    ["", "the expression is empty", /quotes/],
    [" \n", "the expression is empty", /quotes/],
    ["v = 1", 'there is no meaning in "=" here', /==/],
    ["v and w", 'there is no meaning in "and" here', /&&/],
    ["v + 48h", 'there is no meaning in "h" here', /write duration\("48h"\)/],
    ["not v", 'there is no meaning in "v" here', /.*/],
    ["${{ v }}", 'there is no meaning in "$" here', /without/],
    ["v.in", "expected IDENTIFIER, got IN", /\["in"\]/],
    ["v ==", "the expression ends too early", /.*/],
    ["'a", "unterminated string", /quote/],
  ])("%j is refused with a hint", (source, message, hint) => {
    const [error] = loadErrors(source, UNTYPED);
    expect(error?.message).toBe(message);
    expect(error?.hint ?? "").toMatch(hint);
  });
});
