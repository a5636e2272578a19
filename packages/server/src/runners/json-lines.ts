import type { Json } from "@yardmaster/protocol";
import { type Read, readJson } from "../json/index.ts";

const BLANK = /^[ \t\r]*$/;

/** One JSON value a line, as a list. A line that is none fails the whole: it never vanishes. Blank lines are none. */
export function readJsonLines(text: string): Read {
  const values: Json[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    if (!BLANK.test(line)) {
      const read = readJson(line, "exact");
      if ("flaw" in read) {
        const { index, problem } = read.flaw;
        return { flaw: { index: start + index, problem } };
      }
      values.push(read.value);
    }
    start += line.length + 1;
  }
  return { value: values };
}
