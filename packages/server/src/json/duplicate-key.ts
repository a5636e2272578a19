import { closingQuote, type JsonFlaw } from "@yardmaster/protocol";

const SPACE = /[ \t\n\r]*/y;
const MAX_SHOWN_CHARS = 40;

/**
 * The second place of the first key that an object of a JSON text has twice, which `JSON.parse` passes over in
 * silence. `keys` is how many the text has. The text must be valid JSON.
 */
export function duplicateKey(text: string, keys: number): JsonFlaw | undefined {
  return keys > 1 && mayHaveDuplicate(text, keys) ? firstDuplicate(text) : undefined;
}

/**
 * False only where no object has a key twice. All keys go into one table, as two hashes of the object's number and the
 * key's characters: to look at what was parsed instead took ten times as long for an object of many keys, since a list
 * of them has to be sorted.
 */
function mayHaveDuplicate(text: string, keys: number): boolean {
  const mask = 2 ** Math.ceil(Math.log2(2 * keys + 2)) - 1;
  const table = new Int32Array(2 * (mask + 1));
  const outer: number[] = [];
  let objects = 0;
  /** The number of the object that is open; 0 for a list. */
  let object = 0;
  let isKeyDue = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2c) isKeyDue = object > 0;
    else if (code === 0x7b || code === 0x5b) {
      outer.push(object);
      isKeyDue = code === 0x7b;
      object = isKeyDue ? ++objects : 0;
    } else if (code === 0x7d || code === 0x5d) {
      object = outer.pop() ?? 0;
      isKeyDue = false;
    } else if (code === 0x22) {
      const end = closingQuote(text, i);
      if (isKeyDue && isSeen(table, mask, object, text, i + 1, end)) return true;
      isKeyDue = false;
      i = end;
    }
  }
  return false;
}

/** Puts a key into the table. True where it was there, or its escapes may stand for one that was. */
function isSeen(
  table: Int32Array,
  mask: number,
  object: number,
  text: string,
  start: number,
  end: number,
): boolean {
  let first = Math.imul(object, 0x9e3779b1);
  let second = object;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) return true;
    first = Math.imul(first ^ code, 0x01000193);
    second = (Math.imul(second, 31) + code) | 0;
  }
  // Zero is an empty place.
  first = Math.imul(first ^ (first >>> 15), 0x85ebca6b) | 1;
  for (let at = (first >>> 1) & mask; ; at = (at + 1) & mask) {
    if (table[2 * at] === 0) {
      table[2 * at] = first;
      table[2 * at + 1] = second;
      return false;
    }
    if (table[2 * at] === first && table[2 * at + 1] === second) return true;
  }
}

function firstDuplicate(text: string): JsonFlaw | undefined {
  /** The keys of each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7b) open.push(new Set());
    else if (code === 0x5b) open.push(undefined);
    else if (code === 0x7d || code === 0x5d) open.pop();
    else if (code === 0x22) {
      const end = closingQuote(text, i) + 1;
      const keys = open.at(-1);
      if (keys !== undefined && isKey(text, end)) {
        const key = keyOf(text.slice(i, end));
        if (keys.has(key)) return { index: i, problem: `the key ${shown(key)} is given twice` };
        keys.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

function isKey(text: string, end: number): boolean {
  SPACE.lastIndex = end;
  SPACE.test(text);
  return text[SPACE.lastIndex] === ":";
}

/** `"a"` and `"\u0061"` are one key. */
function keyOf(literal: string): string {
  return literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}

function shown(key: string): string {
  return JSON.stringify(
    key.length <= MAX_SHOWN_CHARS ? key : `${key.slice(0, MAX_SHOWN_CHARS)}…`,
  ).toWellFormed();
}
