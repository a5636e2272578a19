import type { Json } from "@yardmaster/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, compileTemplate } from "./index.ts";
import { compileRegex } from "./regex.ts";

const TYPES = { variables: { v: true } };

function evaluate(source: string, v: unknown) {
  const compiled = compileExpression(source, TYPES);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.value.evaluate({ v });
}

/** Text that looks like an expression, so that more than the lexer is reached. */
const nearExpression = fc
  .array(
    fc.constantFrom(
      "v",
      ".",
      "a",
      "[",
      "]",
      "(",
      ")",
      "{",
      "}",
      "'x'",
      '"',
      "1",
      "2.5",
      "+",
      "-",
      "/",
      "==",
      "&&",
      "||",
      "!",
      "?",
      ":",
      ",",
      " ",
      "in",
      "has",
      "default",
      ".map(x,",
      ".all(x,",
      "size(",
      "r'",
      "//",
      "\n",
      "}}",
      "${{",
      "duration('1s')",
      "null",
      ".matches(",
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(""));

describe("expressions, for all inputs", () => {
  it("neither compiling nor evaluating any text throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), nearExpression),
        fc.jsonValue({ maxDepth: 3 }),
        (source, v) => {
          const compiled = compileExpression(source, TYPES);
          if (compiled.ok) JSON.stringify(compiled.value.evaluate({ v }));
          else expect(compiled.errors.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("no template text throws", () => {
    fc.assert(
      fc.property(nearExpression, nearExpression, (before, inside) => {
        const compiled = compileTemplate(`${before}\${{ ${inside} }}`, TYPES);
        if (compiled.ok) JSON.stringify(compiled.value.render({ v: {} }));
      }),
      { numRuns: 500 },
    );
  });

  it("every JSON value comes through a template unchanged, alone or escaped", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const escaped = JSON.parse(text, (_, part: unknown) =>
          typeof part === "string" ? part.replaceAll("${{", "$${{") : part,
        ) as Json;
        const constant = compileTemplate(escaped, TYPES);
        const result = constant.ok ? constant.value.render({}) : undefined;
        expect(result?.ok === true && JSON.stringify(result.value)).toBe(text);
        const taken = compileTemplate({ a: "${{ v }}" }, TYPES);
        const got = taken.ok ? taken.value.render({ v: value }) : undefined;
        expect(got?.ok === true && JSON.stringify(got.value)).toBe(`{"a":${text}}`);
      }),
    );
  });

  it("arithmetic on safe integers is exact or an error", () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.maxSafeInteger(),
        fc.constantFrom("+", "-", "*"),
        (a, b, op) => {
          const [x, y] = [BigInt(a), BigInt(b)];
          const exact = op === "+" ? x + y : op === "-" ? x - y : x * y;
          const result = evaluate(`v[0] ${op} v[1]`, [a, b]);
          const isSafe =
            exact >= BigInt(Number.MIN_SAFE_INTEGER) && exact <= BigInt(Number.MAX_SAFE_INTEGER);
          expect(result.ok).toBe(isSafe);
          if (result.ok) expect(BigInt(result.value as number)).toBe(exact);
        },
      ),
    );
  });

  it("numbers come out as they went in", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
        const result = evaluate("[v, v + 0.0]", n);
        expect(result).toEqual({ ok: true, value: [n === 0 ? 0 : n, n === 0 ? 0 : n] });
      }),
    );
  });

  it("patterns find what JavaScript's do", () => {
    const pattern = fc
      .array(
        fc.constantFrom(
          "a",
          "b",
          "(a|b)",
          "[ab]",
          "[^a]",
          ".",
          "a*",
          "(ab)+",
          "b?",
          "^",
          "$",
          "\\b",
          "\\w",
          "a{1,2}",
          "(?:b|aa)*",
          "\\d",
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join(""));
    const text = fc.string({ unit: fc.constantFrom("a", "b", "1", " ", "\n"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const regex = compileRegex(source);
        expect(regex.ok && regex.search(subject, 100_000).found).toBe(
          new RegExp(source, "u").test(subject),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
