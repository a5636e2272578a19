/** Open brackets at one place; quoted ones and those of scripts count too, so it is more than anybody nests. */
const MAX_BRACKETS = 500;
/** Pairs on one line (`a: b: c: d`): no YAML, and yet each is a level while it is parsed. */
const MAX_PAIRS = 500;
/** Columns before a line's first word: every level of block nesting needs at least one. */
const MAX_INDENT = 200;

/**
 * Whether a text may be nested so deeply that the YAML parser, which is recursive, comes near the end of the
 * stack. There Node.js does not throw: compiling a regular expression ends the process.
 */
export function isTooNested(text: string): boolean {
  let open = 0;
  let pairs = 0;
  for (const char of text) {
    if (char === "[" || char === "{") open++;
    else if ((char === "]" || char === "}") && open > 0) open--;
    else if (char === ":") pairs++;
    else if (char === "\n" || char === ",") pairs = 0;
    if (open > MAX_BRACKETS || pairs > MAX_PAIRS) return true;
  }
  // The upper bound keeps the match, and so the work, small.
  const deep = new RegExp(`^(?: |[-?:] ){${MAX_INDENT}}`, "m");
  return deep.test(text);
}
