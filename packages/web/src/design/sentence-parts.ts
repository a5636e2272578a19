/** A piece of a sentence of the server: plain words, a moment, a run, or an event. */
export type SentencePart =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "moment"; readonly text: string; readonly at: number }
  | { readonly kind: "run" | "event"; readonly text: string; readonly id: string };

const MOMENT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
const NAMED = String.raw`(?<![-\w])(run|event) ([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})`;
const PART = new RegExp(`(${MOMENT})|${NAMED}`, "g");

/** Finds what a page shows better than plain text can; the texts together are the sentence again. */
export function sentenceParts(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let end = 0;
  const wordsUntil = (index: number): void => {
    if (index > end) parts.push({ kind: "words", text: sentence.slice(end, index) });
  };
  for (const match of sentence.matchAll(PART)) {
    const [text, moment, named, id = ""] = match;
    wordsUntil(match.index);
    if (moment !== undefined) parts.push({ kind: "moment", text, at: Date.parse(moment) });
    else parts.push({ kind: named === "run" ? "run" : "event", text, id });
    end = match.index + text.length;
  }
  wordsUntil(sentence.length);
  return parts;
}
