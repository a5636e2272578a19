import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkJsonSchema, compileValidator } from "./index.ts";
import { schemaPattern, withPatternBudget } from "./patterns.ts";

const takes = (pattern: string, text: string): boolean =>
  compileValidator({ type: "string", pattern }).validate(text).ok;

describe("a pattern of a schema", () => {
  it("that would take JavaScript years is judged at once", () => {
    expect(takes("^(a+)+$", `${"a".repeat(50_000)}!`)).toBe(false);
    expect(takes("^(a|aa)*b", "a".repeat(50_000))).toBe(false);
  });

  it("is refused with its place where it looks around, also among names of properties", () => {
    const schema = {
      properties: { password: { type: "string", pattern: "^(?=.*[0-9]).{8,}$" } },
      patternProperties: { "^(?!x-)": { type: "string" } },
    };
    expect(checkJsonSchema(schema)).toMatchObject([
      { path: ["patternProperties", "^(?!x-)"], message: expect.stringContaining("looking ahead") },
      {
        path: ["properties", "password", "pattern"],
        message: expect.stringContaining("write several patterns under allOf instead"),
      },
    ]);
    expect(() => compileValidator(schema)).toThrow("looking ahead or back is not supported");
  });

  it("names itself where a value would take too long, and leaves the next value its time", () => {
    const { validate } = compileValidator({ type: "string", pattern: "(x?){300}y" });
    expect(validate("x".repeat(200_000))).toEqual({
      ok: false,
      errors: [{ path: "", message: expect.stringContaining('the pattern "(x?){300}y"') }],
    });
    expect(validate("xy").ok).toBe(true);
  });

  it.each([
    [".", "\r", false],
    [".", "\u2028", false],
    [".", "😀", true],
    ["^.$", "😀", true],
    ["\\s", "\u00a0", true],
    ["[\\S]", "\ufeff", false],
    ["[^]", "\n", true],
    ["a[]", "a", false],
    ["^\\p{Lu}\\p{Script=Greek}$", "Äß", false],
    ["^\\p{Lu}\\p{Script=Greek}$", "Äλ", true],
    ["^\\u{1f600}$", "😀", true],
    ["^[A-Za-z_][-A-Za-z0-9._]*$", "a-b.c", true],
    ["b$", "b\n", false],
  ])("%j on %j means what it means to JavaScript", (pattern, text, is) => {
    expect(new RegExp(pattern, "u").test(text)).toBe(is);
    expect(takes(pattern, text)).toBe(is);
  });

  it("of parts put together at random finds what JavaScript finds", () => {
    const part = fc.constantFrom(
      ...["a", "b", ".", "\\s", "\\S", "\\w", "\\d", "[ab]", "[^a]", "[^]", "[a-c\\s]", "\\b"],
      ...["(?:a|b)", "(ab)", "(?<n>b)", "a*", "b+?", "\\s{2}", "a{0,2}", "^", "$", "|"],
    );
    const pattern = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
    const unit = fc.constantFrom("a", "b", "1", " ", "\n", "\r", "\u2028", "\u00a0", "😀");
    fc.assert(
      fc.property(pattern, fc.string({ unit, maxLength: 8 }), (source, text) => {
        // Two groups with one name are no pattern.
        fc.pre(source.split("(?<n>").length <= 2);
        const found = withPatternBudget(() => schemaPattern(source).test(text));
        expect(found).toBe(new RegExp(source, "u").test(text));
      }),
      { numRuns: 1_000 },
    );
  });
});
