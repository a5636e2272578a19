import { type JsonFlaw, lineAndColumn } from "@yardmaster/protocol";

/** Where a flaw stands, with what is around it as text that can be stored. */
export function placeOf(text: string, flaw: JsonFlaw) {
  const { index } = flaw;
  const around = text.slice(Math.max(0, index - 40), index + 40).replaceAll("\0", "\uFFFD");
  const excerpt = Buffer.from(around).toString(); // A pair cut in half becomes U+FFFD.
  return { ...lineAndColumn(text, flaw), excerpt };
}
