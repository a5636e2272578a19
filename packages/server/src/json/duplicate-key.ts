import type { JsonFlaw } from "@yardmaster/protocol";

const SPACE = /[ \t\n\r]*/y;
const MAX_SHOWN_CHARS = 40;

/**
 * The second place of the first key that an object of a JSON text has twice, which `JSON.parse` passes over in
 * silence. `value` is what the text was parsed to.
 */
export function duplicateKey(text: string, value: unknown): JsonFlaw | undefined {
  // As many keys as the text can have at most: none got lost, and the text need not be walked.
  return mostKeys(text) === keysIn(value) ? undefined : firstDuplicate(text);
}

/** Colons behind a quote: all that end a key, and some that stand in a string. */
function mostKeys(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    let before = at - 1;
    while (isSpace(text.charCodeAt(before))) before--;
    if (text.charCodeAt(before) === 0x22) count++;
  }
  return count;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function keysIn(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null) continue;
    const children = Array.isArray(next) ? next : Object.values(next);
    if (children !== next) count += children.length;
    for (const child of children) if (typeof child === "object" && child !== null) left.push(child);
  }
  return count;
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
      const end = stringEnd(text, i);
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

/** The index after the quote that closes the string at `start`. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  return i + 1;
}
