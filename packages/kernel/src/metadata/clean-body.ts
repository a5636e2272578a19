/** Nobody who reads the page sees them, so they say nothing: soft hyphens, joiners, directions, fillers, tags. */
const INVISIBLE = /[\p{DI}\p{Cf}]/gu;

/** What a reader of the page sees of the text: without HTML comments and invisible characters, by lines. */
export function visibleLines(body: string): string[] {
  return withoutComments(body.replace(INVISIBLE, "")).split(/\r\n|[\n\r\u2028\u2029]/);
}

/** A comment that does not end hides all that follows, as it does on the page. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf("<!--", at);
    if (start === -1) break;
    kept.push(text.slice(at, start));
    const end = text.indexOf("-->", start + 4);
    if (end === -1) return kept.join("");
    at = end + 3;
  }
  kept.push(text.slice(at));
  return kept.join("");
}
