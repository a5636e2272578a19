/** A piece of a sentence of the server: plain words, a moment, or a run. */
export type SentencePart =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "moment"; readonly text: string; readonly at: number }
  | { readonly kind: "run"; readonly text: string; readonly id: string };

const MOMENT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
const RUN = String.raw`\brun [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`;
const PART = new RegExp(`(${MOMENT})|(${RUN})`, "g");

/** Finds what a page shows better than plain text can; the texts together are the sentence again. */
export function sentenceParts(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let end = 0;
  const wordsUntil = (index: number): void => {
    if (index > end) parts.push({ kind: "words", text: sentence.slice(end, index) });
  };
  for (const match of sentence.matchAll(PART)) {
    const [text, moment] = match;
    wordsUntil(match.index);
    if (moment === undefined) parts.push({ kind: "run", text, id: text.slice("run ".length) });
    else parts.push({ kind: "moment", text, at: Date.parse(moment) });
    end = match.index + text.length;
  }
  wordsUntil(sentence.length);
  return parts;
}
