/**
 * Goes over CEL text as its lexer does: strings (with their prefixes, escapes and triple quotes), comments
 * and brackets. Used where text must be understood before, or without, being parsed.
 */

const CLOSING: { readonly [open: string]: string } = { "(": ")", "[": "]", "{": "}" };

/**
 * Where the `}}` stands that ends the expression which begins at `start`, or -1. Braces of maps and
 * whatever strings and comments hold do not end it.
 */
export function findClosingBraces(text: string, start: number): number {
  const open: string[] = [];
  let at = start;
  while (at < text.length) {
    const next = skipOpaque(text, at);
    if (next < 0) return -1;
    if (next > at) {
      at = next;
      continue;
    }
    const char = text[at] ?? "";
    // A bracket that does not fit cannot be mended by what follows: the parser says what is wrong.
    if (char === "}" && text[at + 1] === "}" && open.at(-1) !== "}") return at;
    const closing = CLOSING[char];
    if (closing !== undefined) open.push(closing);
    else if (char === open.at(-1)) open.pop();
    at++;
  }
  return -1;
}

/** The end of the string or comment that begins at `at`; `at` itself when none does, -1 when it does not end. */
function skipOpaque(text: string, at: number): number {
  if (text.startsWith("//", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? -1 : end + 1;
  }
  const quote = text[at];
  return quote === '"' || quote === "'" ? skipString(text, at, quote) : at;
}

/** In raw strings too a backslash keeps the next character from ending them: so the parser reads them. */
function skipString(text: string, at: number, quote: string): number {
  const isTriple = text.startsWith(quote.repeat(3), at);
  const delimiter = isTriple ? quote.repeat(3) : quote;
  for (let i = at + delimiter.length; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text.startsWith(delimiter, i)) return i + delimiter.length;
    else if (text[i] === "\n" && !isTriple) return -1;
  }
  return -1;
}

/** The text from `start` to `end` with the parentheses around it that it would need to stand alone. */
export function balancedSlice(text: string, start: number, end: number): string {
  let unopened = 0;
  let depth = 0;
  for (let at = start; at < end; ) {
    const next = skipOpaque(text, at);
    if (next > at) {
      at = next;
      continue;
    }
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth < 0) {
      unopened++;
      depth = 0;
    }
    at++;
  }
  let from = start;
  for (; unopened > 0; unopened--) from = text.lastIndexOf("(", from - 1);
  let to = end;
  for (; depth > 0; depth--) to = text.indexOf(")", to) + 1;
  return from < 0 || to < end ? text.slice(start, end) : text.slice(from, to);
}
