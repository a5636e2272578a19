export interface JsonToken {
  readonly kind: "key" | "text" | "number" | "word" | "plain";
  readonly text: string;
}

const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\btrue\b|\bfalse\b|\bnull\b)/g;

/** JSON text cut into pieces to be coloured; together they are the text again. */
export function jsonTokens(json: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let end = 0;
  const plainUntil = (index: number): void => {
    if (index > end) tokens.push({ kind: "plain", text: json.slice(end, index) });
  };
  for (const match of json.matchAll(TOKEN)) {
    const [whole, quoted, colon, number] = match;
    plainUntil(match.index);
    if (quoted !== undefined) {
      tokens.push({ kind: colon === undefined ? "text" : "key", text: quoted });
      if (colon !== undefined) tokens.push({ kind: "plain", text: colon });
    } else tokens.push({ kind: number === undefined ? "word" : "number", text: whole });
    end = match.index + whole.length;
  }
  plainUntil(json.length);
  return tokens;
}
