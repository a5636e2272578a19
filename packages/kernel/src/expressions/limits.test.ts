import { describe, expect, it } from "vitest";
import { compileExpression, compileTemplate } from "./index.ts";
import { MAX_EXPRESSION_BYTES, MAX_STEPS } from "./limits.ts";

const TYPES = { variables: { l: true, s: true } };
const l = Array.from({ length: 20_000 }, (_, index) => index);
const s = "a".repeat(500_000);

function kindOf(source: string): string {
  const compiled = compileExpression(source, TYPES);
  if (!compiled.ok) return JSON.stringify(compiled.errors);
  const result = compiled.value.evaluate({ l, s });
  return result.ok ? "ok" : result.error.kind;
}

describe("bounds of evaluation", () => {
  it.each([
    "l.map(x, l.map(y, 1))",
    "l.map(x, l)",
    "l.map(x, s + s)",
    "l.map(x, x in l)",
    "l.all(x, l == l.map(y, y))",
    "l.map(x, s.contains('b'))",
    "l.map(x, s.split(''))",
    "l.map(x, size(s))",
    "l.map(x, string(l))",
    "l.map(x, s.matches('(a|aa)+$'))",
    "l.all(x, s <= s)",
    "true || l.map(x, l.map(y, 1)) == []",
    "l.map(x, l.map(y, 1)) == [] || true",
    "l.exists(x, l.map(y, l.map(z, 1)) == [] || true)",
    "has(l.map(x, l.map(y, 1))[0])",
    "l.map(x, hash.sha256(s))",
    "l.map(x, hash.hmacSha256(s, 'a'))",
    "l.map(x, base64.encode(s))",
    "l.map(x, json.encode(l))",
    "l.map(x, json.decode('[\"' + s + '\"]'))",
    "l.map(x, url.encode(s))",
    "l.map(x, regex.replace(s, 'a', 'bb'))",
    "regex.replace(s, '(a|aa)+$|b', 'c') + l.map(x, s.upper())[0]",
    "l.map(x, regex.extractAll(s, 'a'))",
    "l.map(x, regex.split(s, 'a'))",
    "l.map(x, l.sort())",
    "l.map(x, l.sortBy(y, -y))",
    "l.map(x, [l, l].flatten())",
    "l.map(x, l.map(y, [y]).distinct())",
    "l.map(x, [x]).distinct()",
    "l.map(x, sets.contains(l, l))",
    "l.map(x, l.sum())",
    "l.map(x, lists.range(100000))",
    "lists.range(5000000)",
    "l.map(x, lists.zip(l, l))",
    "l.transformMap(i, x, l.transformList(j, y, y))",
    "l.map(x, '%s'.format([s]))",
    "l.map(x, strings.quote(s))",
    "l.map(x, s.charAt(0))",
    "l.map(x, time.format(timestamp(x), '%F', 'Europe/Berlin'))",
    "l.map(x, {'a': 1}.merge({'b': l.map(y, 1)}))",
    "l.map(x, jmespath(l, '[*]'))",
    "jmespath(l, 'map(&[@, @], @)[].{a: @, b: @} | [*].[a, b][] | sort(@)') + l.map(x, l.map(y, 1))",
    "jmespath([l, l, l, l, l, l], 'map(&sort_by(@, &abs(@)), map(&[[], @, @][], @))[] | [[], @, @, @][]')",
    "l.map(x, jmespath(s, 'contains(@, `\"b\"`)'))",
    "cel.bind(m, l.map(x, l), cel.bind(n, m.map(y, m), n))",
  ])("%s ends soon, with a limit unless it is decided before", (source) => {
    expect(kindOf(source)).toBe(source.startsWith("true") ? "ok" : "limit");
  });

  it("lets a list of ten thousand through", () => {
    expect(kindOf("l.filter(x, x % 2 == 0).map(x, {'n': x})")).toBe("ok");
  });

  it("ends a pattern that takes a backtracking matcher for ever", () => {
    const compiled = compileExpression("s.matches('(a+)+$')", TYPES);
    const result = compiled.ok && compiled.value.evaluate({ s: `${"a".repeat(5_000)}b` });
    expect(result).toEqual({ ok: true, value: false });
  });

  it("shares one budget among the expressions of a template", () => {
    const one = compileTemplate("${{ l.all(x, x >= 0) }}", TYPES);
    const many = compileTemplate(
      Array.from({ length: Math.ceil(MAX_STEPS / 20_000) }, () => "${{ l.all(x, x >= 0) }}"),
      TYPES,
    );
    expect(one.ok && one.value.render({ l }).ok).toBe(true);
    expect(many.ok && many.value.render({ l })).toMatchObject({
      ok: false,
      error: { kind: "limit" },
    });
  });

  it("bounds what a template makes of one large value taken many times", () => {
    const whole = compileTemplate(["${{ s }}", "${{ s }}", "${{ s }}"], TYPES);
    expect(whole.ok && whole.value.render({ s })).toMatchObject({
      ok: false,
      error: { kind: "limit" },
    });
  });

  it("survives data nested a million deep", () => {
    const deep = JSON.parse("[".repeat(200_000) + "]".repeat(200_000)) as unknown;
    const other = JSON.parse("[".repeat(200_000) + "]".repeat(200_000)) as unknown;
    for (const source of ["[l]", "l == s", "string(l)"]) {
      const compiled = compileExpression(source, TYPES);
      expect(compiled.ok && compiled.value.evaluate({ l: deep, s: other })).toMatchObject({
        ok: false,
        error: { kind: "limit" },
      });
    }
  });
});

describe("the error of a bound", () => {
  it.each([
    ["l.map(x, l.map(y, 1))", "more than 500000 steps; filter the lists"],
    ["[s, s, s, s, s].map(x, x + x)", "take less of each value first"],
    ["[s, s, s]", "take only what is needed of it"],
  ])("of %s says which and the way out", (source, message) => {
    const compiled = compileExpression(source, TYPES);
    const result = compiled.ok && compiled.value.evaluate({ l, s });
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(message) },
    });
  });
});

describe("bounds of text", () => {
  it.each([
    ["length", `'${"a".repeat(MAX_EXPRESSION_BYTES)}'`],
    ["length in bytes", `'${"é".repeat(MAX_EXPRESSION_BYTES / 2)}'`],
    ["nodes", "1+".repeat(1_500).concat("1")],
    ["nesting", "(".repeat(200).concat("1", ")".repeat(200))],
    ["unary operators", "!".repeat(4_000).concat("l")],
    ["elements", `[${"1,".repeat(600)}1]`],
    ["nesting of a JMESPath", `jmespath(l, '${"(".repeat(500)}a${")".repeat(500)}')`],
    ["nesting of projections", `jmespath(l, '${"[*]".repeat(500)}')`],
    ["length of a pattern", `s.matches('${"a".repeat(1_100)}')`],
    ["repeats of a pattern", "s.matches('((a{100}){100}){100}')"],
  ])("refuses an expression past its %s", (_, source) => {
    expect(compileExpression(source, TYPES).ok).toBe(false);
  });

  it("refuses a template past 64 KiB, but not constants of any length", () => {
    const long = "x".repeat(70_000);
    expect(compileTemplate(`${long}\${{ s }}`, TYPES).ok).toBe(false);
    expect(compileTemplate({ script: long, name: "${{ s }}" }, TYPES).ok).toBe(true);
  });
});
