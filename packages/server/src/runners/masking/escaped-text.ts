import { BACKSLASH, escapeAt } from "./escapes.ts";

/**
 * The first bytes of what stands at a place, with what its escapes stand for: fewer where the bytes end before. Undefined
 * where the first of them is none of `firsts`.
 */
export function escapedHead(
  bytes: Buffer,
  place: number,
  length: number,
  firsts: Uint8Array,
): Buffer | undefined {
  const head: number[] = [];
  for (let at = place; head.length < length && at < bytes.length; ) {
    if (bytes[at] === BACKSLASH) {
      const escaped = escapeAt(bytes, at);
      if (escaped === undefined) break;
      head.push(...escaped.bytes);
      at = escaped.end;
    } else {
      head.push(bytes[at++] as number);
    }
    if (firsts[head[0] as number] !== 1) return undefined;
  }
  return Buffer.from(head.slice(0, length));
}

/** How much of a pattern stands at a place, and where that ends; undefined where something else does. */
export function escapedReach(
  pattern: Buffer,
  bytes: Buffer,
  place: number,
  backslash: number,
): { readonly length: number; readonly end: number } | undefined {
  let length = backslash - place;
  if (bytes.compare(pattern, 0, length, place, backslash) !== 0) return undefined;
  let at = backslash;
  while (length < pattern.length && at < bytes.length) {
    if (bytes[at] !== BACKSLASH) {
      if (bytes[at++] !== pattern[length++]) return undefined;
      continue;
    }
    const escaped = escapeAt(bytes, at);
    if (escaped === undefined) break;
    for (const byte of escaped.bytes) if (byte !== pattern[length++]) return undefined;
    at = escaped.end;
  }
  return { length, end: at };
}
