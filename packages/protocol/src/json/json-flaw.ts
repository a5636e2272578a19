import type { JsonFlaw } from "./json-number.ts";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/**
 * The first place where a text breaks RFC 8259. `JSON.parse` tells it only sometimes, and differently in
 * each version of Node; this runs only after it has refused. Undefined where nothing is wrong.
 */
export function jsonFlaw(text: string): JsonFlaw | undefined {
  const open: ("}" | "]")[] = [];
  let i = match(SPACE, text, 0);
  let expect: "value" | "value or ]" | "key" | "key or }" | "end" = "value";
  for (;;) {
    if (expect === "end") {
      const close = open.at(-1);
      if (close === undefined) return i === text.length ? undefined : flaw(text, i, "the end");
      if (text[i] === close) {
        open.pop();
        i = match(SPACE, text, i + 1);
        continue;
      }
      if (text[i] !== ",") return flaw(text, i, `"," or "${close}"`);
      i = match(SPACE, text, i + 1);
      expect = close === "}" ? "key" : "value";
      continue;
    }
    if (isClosing(expect, text[i])) {
      expect = "end";
      continue;
    }
    if (expect === "key" || expect === "key or }") {
      if (text[i] !== '"') return flaw(text, i, expect === "key" ? "a key" : 'a key or "}"');
      const end = stringEnd(text, i);
      if (typeof end !== "number") return end;
      i = match(SPACE, text, end);
      if (text[i] !== ":") return flaw(text, i, '":"');
      i = match(SPACE, text, i + 1);
      expect = "value";
      continue;
    }
    const opened = text[i] === "{" ? "}" : text[i] === "[" ? "]" : undefined;
    if (opened) {
      open.push(opened);
      i = match(SPACE, text, i + 1);
      expect = opened === "}" ? "key or }" : "value or ]";
      continue;
    }
    const end = scalarEnd(text, i);
    if (typeof end !== "number") return end;
    i = match(SPACE, text, end);
    expect = "end";
  }
}

function isClosing(expect: string, character: string | undefined): boolean {
  return (
    (expect === "key or }" && character === "}") || (expect === "value or ]" && character === "]")
  );
}

function scalarEnd(text: string, start: number): number | JsonFlaw {
  if (text[start] === '"') return stringEnd(text, start);
  for (const word of ["true", "false", "null"]) {
    if (text.startsWith(word, start)) return start + word.length;
  }
  const end = match(NUMBER, text, start);
  return end === start ? flaw(text, start, "a value") : end;
}

function stringEnd(text: string, start: number): number | JsonFlaw {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return { index: i, problem: "a control character inside a string" };
    if (code !== 0x5c) continue;
    const end = match(ESCAPE, text, i + 1);
    if (end === i + 1) return { index: i, problem: "an unknown escape inside a string" };
    i = end - 1;
  }
  return { index: text.length, problem: "the end inside a string" };
}

/** The index after what a sticky pattern matches at `index`; `index` itself where it does not. */
function match(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : index;
}

function flaw(text: string, index: number, expected: string): JsonFlaw {
  const code = text.codePointAt(index);
  const got = code === undefined ? "the end" : JSON.stringify(String.fromCodePoint(code));
  return { index, problem: `${got} where ${expected} was expected` };
}

/** Where a flaw stands, as people and editors count: the first line and the first column are 1. */
export function lineAndColumn(
  text: string,
  { index }: JsonFlaw,
): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let i = 0; i < index; i++) {
    if (text.charCodeAt(i) !== 0x0a) continue;
    line++;
    start = i + 1;
  }
  return { line, column: index - start + 1 };
}

/** What is wrong with a text and where, for people. */
export function placedFlaw(text: string, flaw: JsonFlaw): string {
  const { line, column } = lineAndColumn(text, flaw);
  return `line ${line}, column ${column}: ${flaw.problem}`;
}
