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

describe("bounds of text", () => {
  it.each([
    ["length", `'${"a".repeat(MAX_EXPRESSION_BYTES)}'`],
    ["length in bytes", `'${"é".repeat(MAX_EXPRESSION_BYTES / 2)}'`],
    ["nodes", "1+".repeat(1_500).concat("1")],
    ["nesting", "(".repeat(200).concat("1", ")".repeat(200))],
    ["unary operators", "!".repeat(4_000).concat("l")],
    ["elements", `[${"1,".repeat(600)}1]`],
  ])("refuses an expression past its %s", (_, source) => {
    expect(compileExpression(source, TYPES).ok).toBe(false);
  });

  it("refuses a template past 64 KiB, but not constants of any length", () => {
    const long = "x".repeat(70_000);
    expect(compileTemplate(`${long}\${{ s }}`, TYPES).ok).toBe(false);
    expect(compileTemplate({ script: long, name: "${{ s }}" }, TYPES).ok).toBe(true);
  });
});
