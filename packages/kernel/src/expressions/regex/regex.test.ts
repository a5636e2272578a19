import { describe, expect, it } from "vitest";
import { compileRegex } from "./regex.ts";
import type { RegexDialect } from "./regex-cursor.ts";

/** Latin letters, spaces and ends of lines of all kinds, Greek, and what takes two units. */
const CHARS = [
  ...Array.from({ length: 0x180 }, (_, code) => String.fromCodePoint(code)),
  ...["Σ", "σ", "ς", "\u2028", "\u2029", "\u3000", "\ufeff", "Ω", "😀"],
];
const ASCII = CHARS.slice(0, 128);

function isFound(pattern: string, text: string, dialect: RegexDialect = "re2"): boolean {
  const regex = compileRegex(pattern, dialect);
  if (!regex.ok) throw new Error(regex.message);
  return regex.search(text, 100_000).found === true;
}

function taken(pattern: string, chars: readonly string[], dialect?: RegexDialect): string[] {
  return chars.filter((char) => isFound(pattern, char, dialect));
}

describe("a pattern takes the very characters that JavaScript's takes", () => {
  it.each([
    ...[".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "[\\d_]", "[^\\D]", "[\\w-]", "[^\\s]"],
    ...["a", "[a-z]", "[^a-z]", "[-a]", "[a-]", "[a^]", "[\\]\\-]", "[\\n-\\r]", "[]", "[^]"],
    ...[
      "\\n",
      "\\t",
      "\\r",
      "\\f",
      "\\v",
      "\\0",
      "\\.",
      "\\x41",
      "\\u0041",
      "\\u{41}",
      "\\u{1f600}",
    ],
    ...["[\\x41-\\u{5a}]", "\\p{L}", "\\P{L}", "[\\p{Lu}\\d]", "[\\P{L}a]", "\\p{Script=Greek}"],
  ])("%s", (pattern) => {
    const theirs = new RegExp(pattern, "u");
    expect(taken(pattern, CHARS, "ecma")).toEqual(CHARS.filter((char) => theirs.test(char)));
  });

  it.each(["k", "[a-c]", "[^a-c]", "[^A-C]", "[^\\d]", "\\w", "\\W", "\\x6b", "[\\x61-c_]"])(
    "with (?i): %s",
    (pattern) => {
      const theirs = new RegExp(pattern, "i");
      expect(taken(`(?i)${pattern}`, ASCII)).toEqual(ASCII.filter((char) => theirs.test(char)));
    },
  );

  it.each(["é", "[à-ö]", "[^à-ö]", "σ"])("with (?i) beyond ASCII: %s", (pattern) => {
    const theirs = new RegExp(pattern, "i");
    const chars = ["É", "é", "Ö", "Ø", "Σ", "σ", "x", "😀"];
    expect(taken(`(?i)${pattern}`, chars)).toEqual(chars.filter((char) => theirs.test(char)));
  });
});

describe("in an expression", () => {
  it("`.` stops at a line feed alone, and spaces are RE2's: ASCII's without the vertical tab", () => {
    for (const pattern of ["\\s", "[^\\S]"])
      expect(taken(pattern, CHARS)).toEqual(["\t", "\n", "\f", "\r", " "]);
    expect(CHARS.filter((char) => !isFound(".", char))).toEqual(["\n"]);
  });

  it("has RE2's named classes in brackets, and says of others which there are", () => {
    const own = {
      ...{ alnum: /[0-9A-Za-z]/, alpha: /[A-Za-z]/, ascii: /[\0-\x7f]/, blank: /[\t ]/ },
      ...{ cntrl: /\p{Cc}/u, digit: /[0-9]/, graph: /[!-~]/, lower: /[a-z]/, print: /[ -~]/ },
      ...{ punct: /[!-/:-@[-`{-~]/, space: /[\t\n\v\f\r ]/, upper: /[A-Z]/, word: /[0-9A-Za-z_]/ },
      xdigit: /[0-9A-Fa-f]/,
    };
    const chars = [...ASCII, "é"];
    for (const [name, theirs] of Object.entries(own)) {
      expect(taken(`[[:${name}:]]`, chars), name).toEqual(chars.filter((c) => theirs.test(c)));
      expect(taken(`[[:^${name}:]]`, chars), name).toEqual(chars.filter((c) => !theirs.test(c)));
    }
    expect(taken("^[^[:digit:]a-z]$", ["1", "b", "B"])).toEqual(["B"]);
    expect(taken("(?i)[[:upper:]]", ["a", "A", "1"])).toEqual(["a", "A"]);
    expect(taken("^[[:]$", ["[", ":", "]"])).toEqual(["[", ":"]);
    expect(compileRegex("[[:letter:]]")).toMatchObject({
      ok: false,
      message: expect.stringMatching(
        /^\[:letter:\] is not known; there are alnum, alpha, .*xdigit$/,
      ),
    });
    // JSON Schema's patterns are JavaScript's, which has none.
    expect(isFound("^[[:alpha:]]$", "a]", "ecma")).toBe(true);
  });

  it("a property holds for both cases under (?i), and its contrary for neither", () => {
    expect(taken("(?i)\\p{Lu}", ["a", "A", "1"])).toEqual(["a", "A"]);
    expect(taken("(?i)\\P{Lu}", ["a", "A", "1"])).toEqual(["1"]);
  });

  it("groups count from left to right, with a name or without, but those that only hold together", () => {
    const regex = compileRegex("(?:x)(?<n>a)(?i:b)(?P<m>c)(d)?");
    expect(regex).toMatchObject({ ok: true, groups: 3 });
    expect(regex.ok && regex.find("-xaBc", 0, 1_000).slots).toEqual([1, 5, 2, 3, 4, 5]);
  });

  it.each([
    ["\\a", "\u0007", true],
    ["a.b", "a\nb", false],
    ["(?s)a.b", "a\nb", true],
    ["(?s:a.)b.c", "a\nb\nc", false],
    ["^b$", "a\nb\nc", false],
    ["(?m)^b$", "a\nb\nc", true],
    ["(?m:^b)$", "a\nb\nc", false],
    ["(?m)\\Ab", "a\nb", false],
    ["(?m)b\\z", "b\nc", false],
    ["(?im)^B", "a\nb", true],
    ["(?i:a)b", "AB", false],
    ["((?i)a)b", "AB", false],
    ["a(?i)b", "aB", true],
    ["a(?i)b", "AB", false],
    ["(?P<n>a)(?<m>b)", "ab", true],
    ["^\\Ba", "a", false],
    ["a\\Bb", "ab", true],
    ["a{2}$", "aa", true],
    ["^a{2}$", "aaa", false],
    ["^a{2,}$", "aaaa", true],
    ["^a{2,}$", "a", false],
    ["^a{0}$", "", true],
    ["a{", "a{", true],
    ["^[]a]$", "]", true],
  ])("%j on %j: %s", (pattern, text, is) => {
    expect(isFound(pattern, text)).toBe(is);
  });

  it.each([
    ["\\q", "\\q is not known"],
    ["[\\q]", "\\q is not known"],
    ["\\p{Nope}", "\\p{Nope} is not known"],
    ["\\p{L}|\\p{L}}", undefined],
    ["[b-a]", "must go from a character to a later one"],
    ["[a-\\d]", "must go from a character to a later one"],
    ["[a-a]", undefined],
    ["\\x{10ffff}", undefined],
    ["\\x{110000}", "110000 is not the number of a character"],
    ["\\xzz", "zz is not the number of a character"],
    ["\\x4", "it ends within an escape"],
    ["[a", "it ends within [ ]"],
    ["a{1000}", undefined],
    ["a{1001}", "{1001} is not a range up to 1000"],
    ["a{1,1001}", "{1,1001} is not a range up to 1000"],
    ["a{2,1}", "{2,1} is not a range"],
    ["a**", "a repeat of a repeat needs a group"],
    ["a|*", "there is nothing before * to repeat"],
    ["(a))", "there is a ) without its ("],
    ["(?x)a", "the flag x is not supported"],
    ["(a)\\1", "references back to a group are not supported"],
    ["(?<!a)b", "looking ahead or back is not supported"],
    [`${"(".repeat(49)}a${")".repeat(49)}`, undefined],
    [`${"(".repeat(50)}a${")".repeat(50)}`, "groups nest more than 50 deep"],
    ["(a)".repeat(60), undefined],
    ["(?:a{1000}){3}", "it repeats too much"],
  ])("%j: %s", (pattern, message) => {
    const regex = compileRegex(pattern);
    if (message === undefined) expect(regex).toMatchObject({ ok: true });
    else expect(regex).toEqual({ ok: false, message: expect.stringContaining(message) });
  });

  it("half a character is refused where JavaScript's patterns would hold it against halves", () => {
    for (const half of ["\\ud800", "\\udfff"])
      expect(compileRegex(half, "ecma")).toMatchObject({ ok: false });
    for (const whole of ["\\ud7ff", "\\ue000"])
      expect(compileRegex(whole, "ecma")).toMatchObject({ ok: true });
  });
});
