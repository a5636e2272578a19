import type { Json } from "@yardmaster/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFrame } from "./frame.ts";
import { FUNCTIONS } from "./functions/functions.ts";
import { compileExpression, compileTemplate } from "./index.ts";
import { compileQuery } from "./jmespath/parse.ts";
import { compileRegex } from "./regex/regex.ts";

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

/** An argument of unknown type; times are made of it, since JSON has none. */
function argument(takes: readonly string[] | undefined, index: number): string {
  const kind = takes?.find((each) => each === "timestamp" || each === "duration");
  return kind === undefined ? `dyn(v[${index}])` : `${kind}(v[${index}])`;
}

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

  it("no function throws, whatever it is given", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom(
        "%s %d %.2f %x",
        "%Y-%m-%d",
        "2026-01-31T09:30:00Z",
        "1h",
        "(a)|b",
        "a[*].b",
        "é",
      ),
    );
    const value = fc.oneof(
      text,
      text.map((each) => ({ bytes: each })),
      fc.jsonValue({ maxDepth: 2 }),
      fc.array(text, { maxLength: 4 }),
      fc.integer(),
    );
    const calls = [...FUNCTIONS].flatMap(([name, { takes, needs, style }]) => {
      const counts = [needs ?? takes.length, takes.length];
      return counts.flatMap((count) => {
        const args = Array.from({ length: count }, (_, index) => argument(takes[index], index));
        const method = `${args[0]}.${name}(${args.slice(1).join(", ")})`;
        return style === "method" ? [method] : [`${name}(${args.join(", ")})`];
      });
    });
    const compiled = calls.map((source) => {
      const each = compileExpression(source, TYPES);
      if (!each.ok) throw new Error(`${source}: ${JSON.stringify(each.errors)}`);
      return each.value;
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 4, maxLength: 4 }), (v) => {
        for (const each of compiled) JSON.stringify(each.evaluate({ v }));
      }),
      { numRuns: 100 },
    );
  });

  it("no JMESPath query throws", () => {
    const query = fc
      .array(
        fc.constantFrom(
          ..."a b . * [ ] [] [? [*] [0] [::-1] { } ( ) , : | || & && ! @ == < `1` 'x' \"q\"".split(
            " ",
          ),
          ...["sort_by(", "length(", "map(", "sort(", "join(", "max_by(", "to_number("],
        ),
        { maxLength: 14 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(query, fc.jsonValue({ maxDepth: 3 }), (source, v) => {
        const compiled = compileQuery(source);
        if (compiled.ok) compiled.query(v, createFrame({}));
        else expect(compiled.message).not.toBe("");
      }),
      { numRuns: 2_000 },
    );
  });

  it("text comes back from every encoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        for (const [there, back] of [
          ["base64.encode(v)", "string(base64.decode(v))"],
          ["hex.encode(v)", "string(hex.decode(v))"],
          ["url.encode(v)", "url.decode(v)"],
          ["json.encode(v)", "json.decode(v)"],
        ] as const) {
          const encoded = evaluate(there, text);
          expect(encoded.ok && evaluate(back, encoded.value)).toEqual({ ok: true, value: text });
        }
      }),
    );
  });

  it("what is sorted is in order and all there", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (list) => {
        const sorted = evaluate("v.sort()", list);
        expect(sorted).toEqual({ ok: true, value: [...list].sort((a, b) => a - b) });
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
        const theirs = new RegExp(source, "u").exec(subject);
        expect(regex.ok && regex.search(subject, 100_000).found).toBe(theirs !== null);
        const slots = regex.ok ? regex.find(subject, 0, 100_000).slots : [];
        expect(slots?.slice(0, 2)).toEqual(
          theirs === null ? undefined : [theirs.index, theirs.index + theirs[0].length],
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
