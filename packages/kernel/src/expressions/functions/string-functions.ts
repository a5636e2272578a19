import { evaluationFailure, type Failure } from "../failure.ts";
import { allocate, type Frame, step } from "../frame.ts";
import { BOOL, INT, listOf, STRING } from "../values/cel-type.ts";
import { describe } from "../values/values.ts";
import { define, type Functions } from "./signature.ts";

const TEXT = ["string"] as const;
const NUMBER = ["int"] as const;

/** Going through text costs a step for 16 characters; searching in it also grows with what is searched. */
function search(frame: Frame, text: string, part: string): Failure | undefined {
  return step(frame, ((text.length + part.length) >> 4) * (1 + (part.length >> 8)));
}

const HAS_SURROGATES = /[\ud800-\udfff]/;

/** Positions count code points, as size() does. */
function toCodePoints(text: string, utf16: number): number {
  return utf16 <= 0 || !HAS_SURROGATES.test(text) ? utf16 : [...text.slice(0, utf16)].length;
}

export function toUtf16(text: string, codePoints: number): number | undefined {
  if (codePoints < 0 || codePoints > text.length) return undefined;
  if (!HAS_SURROGATES.test(text)) return codePoints;
  const all = [...text];
  return codePoints > all.length ? undefined : all.slice(0, codePoints).join("").length;
}

export function outOfRange(text: string, index: number): Failure {
  return evaluationFailure(
    `position ${index} is outside the text, which has ${[...text].length} characters`,
  );
}

function position(text: string, from: number | undefined, otherwise: number): number | Failure {
  return from === undefined ? otherwise : (toUtf16(text, from) ?? outOfRange(text, from));
}

function replaceAll(
  text: string,
  part: string,
  by: string,
  limit: number,
  frame: Frame,
): string | Failure {
  const slow = search(frame, text, part);
  if (slow !== undefined) return slow;
  const pieces = text.split(part);
  const count = limit < 0 ? pieces.length - 1 : Math.min(limit, pieces.length - 1);
  const tooLarge = allocate(frame, text.length + count * by.length + pieces.length);
  if (tooLarge !== undefined) return tooLarge;
  const head = pieces.slice(0, count + 1).join(by);
  return count === pieces.length - 1 ? head : [head, ...pieces.slice(count + 1)].join(part);
}

function split(text: string, by: string, limit: number, frame: Frame): readonly string[] | Failure {
  const slow = search(frame, text, by);
  if (slow !== undefined) return slow;
  if (limit === 0) return [];
  const pieces = text.split(by);
  const tooLarge = allocate(frame, pieces.length + text.length);
  if (tooLarge !== undefined) return tooLarge;
  return limit < 0 || pieces.length <= limit
    ? pieces
    : [...pieces.slice(0, limit - 1), pieces.slice(limit - 1).join(by)];
}

function join(list: readonly unknown[], by: string, frame: Frame): string | Failure {
  let length = by.length * list.length;
  for (const item of list) {
    if (typeof item !== "string")
      return evaluationFailure(
        `join() takes a list of strings, and ${describe(item)} is in it; write list.map(x, string(x)).join(…)`,
      );
    length += item.length;
  }
  return allocate(frame, length) ?? list.join(by);
}

/** Unicode's White_Space: what JavaScript trims, with U+0085 and without U+FEFF. */
function trim(text: string): string {
  return text
    .replace(/^\p{White_Space}+/u, "")
    .replace(/(?<!\p{White_Space})\p{White_Space}+$/u, "");
}

export const STRING_FUNCTIONS: Functions = {
  startsWith: define<readonly [string, string]>({
    style: "method",
    takes: [TEXT, TEXT],
    does: "whether the text begins with the other",
    example: "'refs/heads/main'.startsWith('refs/heads/')",
    gives: BOOL,
    apply: ([text, part], frame) => step(frame, part.length >> 6) ?? text.startsWith(part),
  }),
  endsWith: define<readonly [string, string]>({
    style: "method",
    takes: [TEXT, TEXT],
    does: "whether the text ends with the other",
    example: "'a.yaml'.endsWith('.yaml')",
    gives: BOOL,
    apply: ([text, part], frame) => step(frame, part.length >> 6) ?? text.endsWith(part),
  }),
  contains: define<readonly [string, string]>({
    style: "method",
    takes: [TEXT, TEXT],
    does: "whether the other is anywhere in the text",
    example: "'fix: typo'.contains('typo')",
    gives: BOOL,
    apply: ([text, part], frame) => search(frame, text, part) ?? text.includes(part),
  }),
  lowerAscii: define<readonly [string]>({
    style: "method",
    takes: [TEXT],
    does: "A to Z made small, other letters as they are",
    example: "'ÄBC'.lowerAscii() == 'Äbc'",
    gives: STRING,
    apply: ([text], frame) =>
      allocate(frame, text.length) ?? text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  }),
  upperAscii: define<readonly [string]>({
    style: "method",
    takes: [TEXT],
    does: "a to z made large, other letters as they are",
    example: "'äbc'.upperAscii() == 'äBC'",
    gives: STRING,
    apply: ([text], frame) =>
      allocate(frame, text.length) ?? text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
  }),
  trim: define<readonly [string]>({
    style: "method",
    takes: [TEXT],
    does: "without the white space at both ends",
    example: "'  a b '.trim() == 'a b'",
    gives: STRING,
    apply: ([text], frame) => step(frame, text.length >> 4) ?? trim(text),
  }),
  indexOf: define<readonly [string, string, number?]>({
    style: "method",
    takes: [TEXT, TEXT, NUMBER],
    needs: 2,
    does: "where the other first stands, from a position on if given; -1 where it does not",
    example: "'abcabc'.indexOf('c') == 2",
    gives: INT,
    apply([text, part, from], frame) {
      const start = position(text, from, 0);
      if (typeof start !== "number") return start;
      return search(frame, text, part) ?? toCodePoints(text, text.indexOf(part, start));
    },
  }),
  lastIndexOf: define<readonly [string, string, number?]>({
    style: "method",
    takes: [TEXT, TEXT, NUMBER],
    needs: 2,
    does: "where the other last stands, at or before a position if given; -1 where it does not",
    example: "'abcabc'.lastIndexOf('c') == 5",
    gives: INT,
    apply([text, part, from], frame) {
      const start = position(text, from, text.length);
      if (typeof start !== "number") return start;
      return search(frame, text, part) ?? toCodePoints(text, text.lastIndexOf(part, start));
    },
  }),
  substring: define<readonly [string, number, number?]>({
    style: "method",
    takes: [TEXT, NUMBER, NUMBER],
    needs: 2,
    does: "from a position to before another, or to the end",
    example: "'abcdef'.substring(1, 3) == 'bc'",
    gives: STRING,
    apply([text, from, to], frame) {
      const start = position(text, from, 0);
      const end = position(text, to, text.length);
      if (typeof start !== "number") return start;
      if (typeof end !== "number") return end;
      if (end < start)
        return evaluationFailure(`substring() ends at ${to}, before its start at ${from}`);
      return step(frame, text.length >> 3) ?? text.slice(start, end);
    },
  }),
  replace: define<readonly [string, string, string, number?]>({
    style: "method",
    takes: [TEXT, TEXT, TEXT, NUMBER],
    needs: 3,
    does: "every occurrence of the first replaced by the second, or as many as given",
    example: "'a.b.c'.replace('.', '/') == 'a/b/c'",
    gives: STRING,
    apply: ([text, part, by, limit = -1], frame) => replaceAll(text, part, by, limit, frame),
  }),
  split: define<readonly [string, string, number?]>({
    style: "method",
    takes: [TEXT, TEXT, NUMBER],
    needs: 2,
    does: "the parts between the separators; at most as many as given, the last with the rest",
    example: "'a,b,c'.split(',') == ['a', 'b', 'c']",
    gives: listOf(STRING),
    apply: ([text, by, limit = -1], frame) => split(text, by, limit, frame),
  }),
  join: define<readonly [readonly unknown[], string?]>({
    style: "method",
    takes: [["list"], TEXT],
    needs: 1,
    does: "the strings of a list, with a separator between them",
    example: "['a', 'b'].join('-') == 'a-b'",
    gives: STRING,
    apply: ([list, by = ""], frame) => join(list, by, frame),
  }),
};
