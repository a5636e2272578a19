import type { JsonFlaw } from "@yardmaster/protocol";

/** Where a flaw stands, as people and editors count: the first line and the first column are 1. */
export function lineAndColumn(text: string, { index }: JsonFlaw) {
  let line = 1;
  let start = 0;
  for (let i = 0; i < index; i++) {
    if (text.charCodeAt(i) !== 0x0a) continue;
    line++;
    start = i + 1;
  }
  return { line, column: index - start + 1 };
}

/** The same, with what stands around it as text that can be stored. */
export function placeOf(text: string, flaw: JsonFlaw) {
  const { index } = flaw;
  const around = text.slice(Math.max(0, index - 40), index + 40).replaceAll("\0", "\uFFFD");
  const excerpt = Buffer.from(around).toString(); // A pair cut in half becomes U+FFFD.
  return { ...lineAndColumn(text, flaw), excerpt };
}
