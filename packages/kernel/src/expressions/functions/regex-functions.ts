import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, type Frame } from "../frame.ts";
import { matchesOf, patternOf, patternProblem, testPattern } from "../regex/regex-matches.ts";
import { BOOL, listOf, nullable, STRING } from "../values/cel-type.ts";
import { define, type Functions } from "./signature.ts";

const TEXT = ["string"] as const;
const NUMBER = ["int"] as const;

function checkText(index: number, text: string): string | undefined {
  return index === 1 ? patternProblem(text) : undefined;
}

/** What stands for a match: its one group, or the whole where the pattern has no groups. */
function extract(
  name: string,
  text: string,
  pattern: string,
  frame: Frame,
  limit?: number,
): readonly string[] | Failure {
  const regex = patternOf(pattern);
  if (regex instanceof Failure) return regex;
  if (regex.groups > 1)
    return evaluationFailure(
      `${name}() takes a pattern with at most one group; write (?:…) for the others, or use regex.groups()`,
    );
  const matches = matchesOf(text, regex, frame, limit);
  if (matches instanceof Failure) return matches;
  const found = matches
    .map(({ groups }) => groups[regex.groups])
    .filter((each) => each !== undefined);
  return allocate(frame, found.length) ?? found;
}

function notFound(text: string, pattern: string): Failure {
  const place = `regex.extract(${JSON.stringify(text.slice(0, 40))}, ${JSON.stringify(pattern.slice(0, 40))})`;
  return new Failure("missing", "the pattern is not found in the text", place);
}

function groupsOf(text: string, pattern: string, frame: Frame): readonly unknown[] | Failure {
  const regex = patternOf(pattern);
  const matches = regex instanceof Failure ? regex : matchesOf(text, regex, frame, 1);
  if (matches instanceof Failure) return matches;
  const groups = matches[0]?.groups ?? [];
  return allocate(frame, groups.length) ?? groups.map((group) => group ?? null);
}

function splitBy(text: string, pattern: string, frame: Frame): readonly string[] | Failure {
  const regex = patternOf(pattern);
  const matches = regex instanceof Failure ? regex : matchesOf(text, regex, frame);
  if (matches instanceof Failure) return matches;
  const tooLarge = allocate(frame, text.length + matches.length);
  if (tooLarge !== undefined) return tooLarge;
  const starts = [0, ...matches.map(({ end }) => end)];
  return starts.map((start, index) => text.slice(start, matches[index]?.start));
}

type Piece = string | number;

/** `\1` is the first group and `\0` the whole match, as in RE2; `\\` is a backslash. */
function piecesOf(by: string, groups: number): readonly Piece[] | Failure {
  const pieces: Piece[] = [];
  for (const part of by.match(/\\[\s\S]?|[^\\]+/g) ?? []) {
    const group = part.startsWith("\\") ? part.slice(1) : undefined;
    if (group === undefined) pieces.push(part);
    else if (group === "\\") pieces.push(group);
    else if (!/^\d$/.test(group))
      return evaluationFailure(
        `the replacement has ${part}; write \\\\ for a backslash, \\1 for a group`,
      );
    else if (Number(group) > groups)
      return evaluationFailure(`the replacement has ${part}, and the pattern has ${groups} groups`);
    else pieces.push(Number(group));
  }
  return pieces;
}

function replace(
  [text, pattern, by, count = -1]: readonly [string, string, string, number?],
  frame: Frame,
): string | Failure {
  const regex = patternOf(pattern);
  if (regex instanceof Failure) return regex;
  const pieces = piecesOf(by, regex.groups);
  if (pieces instanceof Failure) return pieces;
  const matches = matchesOf(text, regex, frame, count < 0 ? undefined : count);
  if (matches instanceof Failure) return matches;
  let result = "";
  let at = 0;
  for (const { start, end, groups } of matches) {
    const put = pieces
      .map((piece) => (typeof piece === "string" ? piece : (groups[piece] ?? "")))
      .join("");
    const tooLarge = allocate(frame, start - at + put.length);
    if (tooLarge !== undefined) return tooLarge;
    result += text.slice(at, start) + put;
    at = end;
  }
  return allocate(frame, text.length - at) ?? result + text.slice(at);
}

/** Patterns are RE2's: no look-around and no references back, so that matching takes linear time. */
export const REGEX_FUNCTIONS: Functions = {
  matches: define<readonly [string, string]>({
    style: "either",
    takes: [TEXT, TEXT],
    does: "whether the pattern is found anywhere in the text; `^` and `$` tie it to the ends",
    example: "'v1.2.3'.matches('^v[0-9]+')",
    gives: BOOL,
    checkText,
    apply: ([text, pattern], frame) => testPattern(text, pattern, frame),
  }),
  "regex.extract": define<readonly [string, string]>({
    style: "call",
    takes: [TEXT, TEXT],
    does: "the first match, or its group; missing where there is none, so `default()` answers for it",
    example: "regex.extract('issue #42', '#([0-9]+)') == '42'",
    gives: STRING,
    checkText,
    apply([text, pattern], frame) {
      const found = extract("regex.extract", text, pattern, frame, 1);
      return found instanceof Failure ? found : (found[0] ?? notFound(text, pattern));
    },
  }),
  "regex.extractAll": define<readonly [string, string]>({
    style: "call",
    takes: [TEXT, TEXT],
    does: "every match, or its group",
    example: "regex.extractAll('#1 and #2', '#([0-9]+)') == ['1', '2']",
    gives: listOf(STRING),
    checkText,
    apply: ([text, pattern], frame) => extract("regex.extractAll", text, pattern, frame),
  }),
  "regex.groups": define<readonly [string, string]>({
    style: "call",
    takes: [TEXT, TEXT],
    does: "the first match and its groups, null for a group that took no part; empty where there is none",
    example: "regex.groups('a=1', '(.)=(.)') == ['a=1', 'a', '1']",
    gives: listOf(nullable(STRING)),
    checkText,
    apply: ([text, pattern], frame) => groupsOf(text, pattern, frame),
  }),
  "regex.replace": define<readonly [string, string, string, number?]>({
    style: "call",
    takes: [TEXT, TEXT, TEXT, NUMBER],
    needs: 3,
    does: "every match replaced, or as many as given; `\\1` in the replacement is the first group",
    example: "regex.replace('Ada Lovelace', r'(\\w+) (\\w+)', r'\\2, \\1') == 'Lovelace, Ada'",
    gives: STRING,
    checkText,
    apply: (args, frame) => replace(args, frame),
  }),
  "regex.split": define<readonly [string, string]>({
    style: "call",
    takes: [TEXT, TEXT],
    does: "the parts between the matches",
    example: "regex.split('a, b;c', '[,;] *') == ['a', 'b', 'c']",
    gives: listOf(STRING),
    checkText,
    apply: ([text, pattern], frame) => splitBy(text, pattern, frame),
  }),
};
