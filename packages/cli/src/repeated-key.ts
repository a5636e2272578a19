import { closingQuote, type JsonFlaw } from "@yardmaster/protocol/core";

/**
 * The first key of a JSON text that its object has already. `JSON.parse` takes the last of them and drops the others
 * without a word. The text must be valid JSON.
 */
export function repeatedKey(text: string): JsonFlaw | undefined {
  /** The keys of the objects that are open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charAt(i)) {
      case "{":
        open.push(new Set());
        isKey = true;
        break;
      case "[":
        open.push(undefined);
        isKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        isKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = closingQuote(text, i);
        const keys = isKey ? open.at(-1) : undefined;
        const key = text.slice(i, end + 1);
        const name = JSON.parse(key) as string;
        if (keys?.has(name)) return { index: i, problem: `the key ${key} is given twice` };
        keys?.add(name);
        isKey = false;
        i = end;
      }
    }
  }
  return undefined;
}
