/** Strings are walked so far; a longer one is searched for its end, which costs as much as some ten characters. */
const WALKED_CHARS = 64;

/**
 * The index of the quote that closes the string of a JSON text whose opening quote is at `start`; the text's length
 * where none does.
 */
export function closingQuote(text: string, start: number): number {
  for (let i = start + 1; i < text.length; ) {
    for (const end = Math.min(i + WALKED_CHARS, text.length); i < end; i++) {
      const code = text.charCodeAt(i);
      if (code === 0x22) return i;
      if (code === 0x5c) i++;
    }
    const quote = text.indexOf('"', i);
    if (quote < 0) break;
    if (!isEscaped(text, i, quote)) return quote;
    i = quote + 1;
  }
  return text.length;
}

/** Whether an odd number of backslashes stands before `index`, none of them before `from`. */
function isEscaped(text: string, from: number, index: number): boolean {
  let first = index;
  while (first > from && text.charCodeAt(first - 1) === 0x5c) first--;
  return (index - first) % 2 === 1;
}
