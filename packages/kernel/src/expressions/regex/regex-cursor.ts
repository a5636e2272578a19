/** Reading a pattern from left to right, and what its flags say so far. */

export type CharTest = (codePoint: number) => boolean;

/**
 * `re2`: of expressions. `ecma`: of JSON Schemas, which JavaScript's own RegExp takes with the flag `u`: there `.` stops
 * at more ends of lines, `\s` is more spaces, and `[]` is nothing.
 */
export type RegexDialect = "re2" | "ecma";

export interface Cursor {
  readonly dialect: RegexDialect;
  readonly chars: readonly string[];
  at: number;
  depth: number;
  ignoreCase: boolean;
  dotAll: boolean;
  multiline: boolean;
  /** Capturing groups opened so far. */
  groups: number;
}

export class RegexSyntaxError extends Error {}

export function fail(message: string): never {
  throw new RegexSyntaxError(message);
}

export function take(cursor: Cursor, text: string): boolean {
  for (const [index, char] of [...text].entries())
    if (cursor.chars[cursor.at + index] !== char) return false;
  cursor.at += text.length;
  return true;
}

export function next(cursor: Cursor, what: string): string {
  return cursor.chars[cursor.at++] ?? fail(`it ends within ${what}`);
}

/**
 * With (?i) a character is the same in its lower and its upper case. Of a test that is to be negated this comes first:
 * `[^a]` takes neither case of it.
 */
export function folded(cursor: Cursor, test: CharTest): CharTest {
  if (!cursor.ignoreCase) return test;
  return (code) => {
    const char = String.fromCodePoint(code);
    return (
      test(code) ||
      test(char.toLowerCase().codePointAt(0) ?? code) ||
      test(char.toUpperCase().codePointAt(0) ?? code)
    );
  };
}
