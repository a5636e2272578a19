import { escapeTest, isLineEnd, parseClass } from "./regex-chars.ts";
import {
  type CharTest,
  type Cursor,
  fail,
  folded,
  next,
  type RegexDialect,
  take,
} from "./regex-cursor.ts";

/** The syntax of patterns (RE2's, without what RE2 lacks too: no back references, no looking around). */

export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly parts: readonly RegexNode[] }
  | {
      readonly kind: "repeat";
      readonly part: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: "group"; readonly number: number; readonly part: RegexNode };

export type Assertion = "start" | "end" | "lineStart" | "lineEnd" | "word" | "notWord";

const INSTEAD: { readonly [D in RegexDialect]: string } = {
  re2: "combine two matches() with && instead",
  ecma: 'write several patterns under allOf instead, and "not" for what must not be',
};
const MAX_REPEAT = 1_000;
const MAX_GROUPS = 50;

export interface ParsedRegex {
  readonly node: RegexNode;
  /** Capturing groups, without the whole match. */
  readonly groups: number;
}

/** Throws RegexSyntaxError with what is wrong. */
export function parseRegex(pattern: string, dialect: RegexDialect): ParsedRegex {
  const cursor: Cursor = {
    dialect,
    chars: [...pattern],
    at: 0,
    depth: 0,
    ignoreCase: false,
    dotAll: false,
    multiline: false,
    groups: 0,
  };
  const node = parseChoice(cursor);
  if (cursor.at < cursor.chars.length) fail("there is a ) without its (");
  return { node, groups: cursor.groups };
}

function parseChoice(cursor: Cursor): RegexNode {
  if (++cursor.depth > MAX_GROUPS) fail(`groups nest more than ${MAX_GROUPS} deep`);
  const parts = [parseSequence(cursor)];
  while (take(cursor, "|")) parts.push(parseSequence(cursor));
  cursor.depth--;
  return parts.length === 1 ? (parts[0] as RegexNode) : { kind: "choice", parts };
}

function parseSequence(cursor: Cursor): RegexNode {
  const parts: RegexNode[] = [];
  for (;;) {
    const char = cursor.chars[cursor.at];
    if (char === undefined || char === "|" || char === ")") return { kind: "sequence", parts };
    parts.push(parseRepeats(cursor, parseAtom(cursor)));
  }
}

function parseRepeats(cursor: Cursor, atom: RegexNode): RegexNode {
  const range = repeatRange(cursor);
  if (range === undefined) return atom;
  const isLazy = take(cursor, "?");
  if (repeatRange(cursor) !== undefined) fail("a repeat of a repeat needs a group");
  return { kind: "repeat", part: atom, ...range, isLazy };
}

function repeatRange(cursor: Cursor): { min: number; max: number } | undefined {
  if (take(cursor, "*")) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (take(cursor, "+")) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (take(cursor, "?")) return { min: 0, max: 1 };
  const rest = cursor.chars.slice(cursor.at, cursor.at + 12).join("");
  const counted = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(rest);
  if (counted === null) return undefined;
  cursor.at += counted[0].length;
  const min = Number(counted[1]);
  const max =
    counted[3] === undefined
      ? counted[2] === undefined
        ? min
        : Number.POSITIVE_INFINITY
      : Number(counted[3]);
  if (min > max || min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT))
    fail(`${counted[0]} is not a range up to ${MAX_REPEAT}`);
  return { min, max };
}

function parseAtom(cursor: Cursor): RegexNode {
  const char = next(cursor, "the pattern");
  switch (char) {
    case "(":
      return parseGroup(cursor);
    case "[":
      return { kind: "char", test: parseClass(cursor) };
    case ".": {
      const { dotAll, dialect } = cursor;
      return { kind: "char", test: (code) => dotAll || !isLineEnd(code, dialect) };
    }
    case "^":
      return { kind: "assert", assertion: cursor.multiline ? "lineStart" : "start" };
    case "$":
      return { kind: "assert", assertion: cursor.multiline ? "lineEnd" : "end" };
    case "*":
    case "+":
    case "?":
      return fail(`there is nothing before ${char} to repeat`);
    case "\\":
      return parseEscape(cursor);
    default:
      return literal(cursor, char);
  }
}

function literal(cursor: Cursor, char: string): RegexNode {
  const code = char.codePointAt(0) as number;
  return { kind: "char", test: folded(cursor, (other) => other === code) };
}

function parseGroup(cursor: Cursor): RegexNode {
  const { ignoreCase, dotAll, multiline } = cursor;
  const head = take(cursor, "?") ? parseGroupHead(cursor) : "capture";
  if (head === "flags") return { kind: "empty" };
  const number = head === "capture" ? ++cursor.groups : 0;
  const part = parseChoice(cursor);
  if (!take(cursor, ")")) fail("there is a ( without its )");
  Object.assign(cursor, { ignoreCase, dotAll, multiline });
  return number === 0 ? part : { kind: "group", number, part };
}

/** What follows `(?`. Flags alone hold from there on. */
function parseGroupHead(cursor: Cursor): "capture" | "plain" | "flags" {
  if (take(cursor, "=") || take(cursor, "!") || take(cursor, "<=") || take(cursor, "<!")) {
    fail(`looking ahead or back is not supported; ${INSTEAD[cursor.dialect]}`);
  }
  if (take(cursor, "P<") || take(cursor, "<")) {
    while (next(cursor, "the name of a group") !== ">");
    return "capture";
  }
  for (;;) {
    const flag = next(cursor, "flags");
    if (flag === ")") return "flags";
    if (flag === ":") return "plain";
    if (flag === "i") cursor.ignoreCase = true;
    else if (flag === "s") cursor.dotAll = true;
    else if (flag === "m") cursor.multiline = true;
    else fail(`the flag ${flag} is not supported; i, m and s are`);
  }
}

const ASSERTIONS: { readonly [char: string]: Assertion } = {
  b: "word",
  B: "notWord",
  A: "start",
  z: "end",
};

function parseEscape(cursor: Cursor): RegexNode {
  const char = next(cursor, "an escape");
  const assertion = ASSERTIONS[char];
  if (assertion !== undefined) return { kind: "assert", assertion };
  if (/[1-9k]/.test(char)) fail("references back to a group are not supported");
  return { kind: "char", test: folded(cursor, escapeTest(cursor, char)) };
}
