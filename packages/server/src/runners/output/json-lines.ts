import { type Json, jsonExcess } from "@yardmaster/protocol";
import { type Read, readJson } from "../../json/index.ts";

const MAX_LINES = 100_000;
const BLANK = /^[ \t\r]*$/;

/**
 * One JSON value a line, as a list. A line that is none fails the whole: it never vanishes. Blank lines are none.
 * What one text may hold, all lines together may; to read a line by itself takes a microsecond more.
 */
export function readJsonLines(text: string): Read {
  const lines = text.split("\n");
  const excess = jsonExcess(text) ?? excessOf(lines.length);
  if (excess !== undefined) return { excess };
  const read: Json[] = [];
  let start = 0;
  for (const line of lines) {
    if (!BLANK.test(line)) {
      const one = readJson(line, "exact");
      if ("excess" in one) return one;
      if ("flaw" in one) {
        const { index, problem } = one.flaw;
        return { flaw: { index: start + index, problem } };
      }
      read.push(one.value);
    }
    start += line.length + 1;
  }
  return { value: read };
}

function excessOf(lines: number): string | undefined {
  return lines <= MAX_LINES
    ? undefined
    : `it has ${lines} lines, of which at most ${MAX_LINES} are read`;
}
