import {
  type CharTest,
  type Cursor,
  fail,
  folded,
  next,
  type RegexDialect,
  take,
} from "./regex-cursor.ts";

/** Which characters a part of a pattern stands for: escapes, classes in brackets, properties. */

const LETTERS = /^\p{L}$/u;

const CONTROLS: { readonly [char: string]: number } = {
  n: 10,
  t: 9,
  r: 13,
  f: 12,
  v: 11,
  a: 7,
  "0": 0,
};

type Classes = { readonly [char: string]: CharTest };
const RE2_CLASSES: Classes = {
  d: isDigit,
  w: isWord,
  s: isSpace,
  D: (code) => !isDigit(code),
  W: (code) => !isWord(code),
  S: (code) => !isSpace(code),
};
const CLASSES: { readonly [D in RegexDialect]: Classes } = {
  re2: RE2_CLASSES,
  ecma: { ...RE2_CLASSES, s: isAnySpace, S: (code) => !isAnySpace(code) },
};

/** RE2's classes of ASCII, which stand in brackets as `[:name:]`, or `[:^name:]` for what is not in them. */
const NAMED_CLASSES: Classes = {
  alnum: (code) => isWord(code) && code !== 95,
  alpha: (code) => isWord(code) && code !== 95 && !isDigit(code),
  ascii: (code) => code < 128,
  blank: (code) => code === 9 || code === 32,
  cntrl: (code) => code < 32 || code === 127,
  digit: isDigit,
  graph: (code) => code > 32 && code < 127,
  lower: (code) => code >= 97 && code <= 122,
  print: (code) => code >= 32 && code < 127,
  punct: (code) => code > 32 && code < 127 && (!isWord(code) || code === 95),
  space: (code) => isSpace(code) || code === 11,
  upper: (code) => code >= 65 && code <= 90,
  word: isWord,
  xdigit: (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
};

export function escapeTest(cursor: Cursor, char: string): CharTest {
  const known = CLASSES[cursor.dialect][char];
  if (known !== undefined) return known;
  if (char === "p" || char === "P") return propertyTest(cursor, char === "P");
  const code = escapedCode(cursor, char);
  return (other) => other === code;
}

function escapedCode(cursor: Cursor, char: string): number {
  const control = CONTROLS[char];
  if (control !== undefined) return control;
  if (char === "x" || char === "u") return hexCode(cursor, char === "x" ? 2 : 4);
  if (LETTERS.test(char)) fail(`\\${char} is not known`);
  return char.codePointAt(0) as number;
}

function hexCode(cursor: Cursor, digits: number): number {
  let hex = "";
  if (take(cursor, "{"))
    for (let char = next(cursor, "\\x{"); char !== "}"; char = next(cursor, "\\x{")) hex += char;
  else for (let i = 0; i < digits; i++) hex += next(cursor, "an escape");
  const code = /^[0-9a-f]{1,6}$/i.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
  if (cursor.dialect === "ecma" && code >= 0xd800 && code <= 0xdfff)
    fail(`\\u${hex} is half a character; write it whole, like \\u{1f600}`);
  return code <= 0x10ffff ? code : fail(`${hex} is not the number of a character`);
}

function propertyTest(cursor: Cursor, isNegated: boolean): CharTest {
  let name = next(cursor, "\\p");
  if (name === "{") {
    name = "";
    for (let char = next(cursor, "\\p{"); char !== "}"; char = next(cursor, "\\p{")) name += char;
  }
  try {
    const test = new RegExp(`^\\p{${/^\w+(?:=\w+)?$/.test(name) ? name : "?"}}$`, "u");
    const has = folded(cursor, (code) => test.test(String.fromCodePoint(code)));
    return (code) => has(code) !== isNegated;
  } catch {
    return fail(`\\p{${name}} is not known`);
  }
}

export function parseClass(cursor: Cursor): CharTest {
  const isNegated = take(cursor, "^");
  const tests: CharTest[] = [];
  const mayBeEmpty = cursor.dialect === "ecma";
  for (let isFirst = !mayBeEmpty; isFirst || cursor.chars[cursor.at] !== "]"; isFirst = false) {
    tests.push(parseClassItem(cursor));
  }
  cursor.at++;
  const has = folded(cursor, (code) => tests.some((test) => test(code)));
  return (code) => has(code) !== isNegated;
}

function parseClassItem(cursor: Cursor): CharTest {
  const named = cursor.dialect === "re2" ? takeNamedClass(cursor) : undefined;
  if (named !== undefined) return named;
  const from = parseClassChar(cursor);
  if (typeof from !== "number") return from;
  if (cursor.chars[cursor.at] !== "-" || cursor.chars[cursor.at + 1] === "]")
    return (code) => code === from;
  cursor.at++;
  const to = parseClassChar(cursor);
  if (typeof to !== "number" || to < from)
    return fail("a range in [ ] must go from a character to a later one");
  return (code) => code >= from && code <= to;
}

function takeNamedClass(cursor: Cursor): CharTest | undefined {
  const rest = cursor.chars.slice(cursor.at, cursor.at + 12).join("");
  const [text, not, name = ""] = /^\[:(\^?)(\w+):\]/.exec(rest) ?? [];
  if (text === undefined) return undefined;
  const has = Object.hasOwn(NAMED_CLASSES, name) ? NAMED_CLASSES[name] : undefined;
  if (has === undefined)
    return fail(`${text} is not known; there are ${Object.keys(NAMED_CLASSES).join(", ")}`);
  cursor.at += text.length;
  return not === "" ? has : (code) => !has(code);
}

function parseClassChar(cursor: Cursor): number | CharTest {
  const char = next(cursor, "[ ]");
  if (char !== "\\") return char.codePointAt(0) as number;
  const escaped = next(cursor, "an escape");
  const known = CLASSES[cursor.dialect][escaped];
  if (known !== undefined) return known;
  if (escaped === "p" || escaped === "P") return propertyTest(cursor, escaped === "P");
  return escapedCode(cursor, escaped);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isWord(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}

/** RE2's: without the vertical tab. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13 && code !== 11);
}

const SPACE = /^\s$/u;

function isAnySpace(code: number): boolean {
  return code < 128 ? isSpace(code) || code === 11 : SPACE.test(String.fromCodePoint(code));
}

export function isLineEnd(code: number, dialect: RegexDialect): boolean {
  if (code === 10) return true;
  return dialect === "ecma" && (code === 13 || code === 0x2028 || code === 0x2029);
}
