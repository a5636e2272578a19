import type { Failure } from "../failure.ts";
import { allocate } from "../frame.ts";
import { STRING } from "../values/cel-type.ts";
import { define, type Functions } from "./signature.ts";
import { outOfRange, toUtf16 } from "./string-functions.ts";

const TEXT = ["string"] as const;

/** Like Go's quoting: what a log or a shell cannot show is escaped. */
const ESCAPES: { readonly [char: string]: string } = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${[...text].map((char) => ESCAPES[char] ?? char).join("")}"`;
}

function charAt(text: string, index: number): string | Failure {
  const at = toUtf16(text, index);
  if (at === undefined) return outOfRange(text, index);
  return at === text.length ? "" : String.fromCodePoint(text.codePointAt(at) as number);
}

export const TEXT_FUNCTIONS: Functions = {
  charAt: define<readonly [string, number]>({
    style: "method",
    takes: [TEXT, ["int"]],
    does: "the character at a position; empty just behind the last",
    example: "'abc'.charAt(1) == 'b'",
    gives: STRING,
    apply: ([text, index], frame) => allocate(frame, text.length >> 2) ?? charAt(text, index),
  }),
  lower: define<readonly [string]>({
    style: "method",
    takes: [TEXT],
    does: "every letter made small, in any script",
    example: "'ÄBC'.lower() == 'äbc'",
    gives: STRING,
    apply: ([text], frame) => allocate(frame, text.length) ?? text.toLowerCase(),
  }),
  upper: define<readonly [string]>({
    style: "method",
    takes: [TEXT],
    does: "every letter made large, in any script",
    example: "'äbc'.upper() == 'ÄBC'",
    gives: STRING,
    apply: ([text], frame) => allocate(frame, text.length) ?? text.toUpperCase(),
  }),
  "strings.quote": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the text in double quotes, with what is special escaped",
    example: `strings.quote('a"b') == '"a\\\\"b"'`,
    gives: STRING,
    apply: ([text], frame) => allocate(frame, text.length * 2) ?? quote(text),
  }),
};
