import { escapedHead, escapedReach } from "./escaped-text.ts";
import { BACKSLASH, withoutEscapes } from "./escapes.ts";
import { MIN_MASKED_CHARS } from "./forms.ts";

/** Forms have so many bytes at least: they are found by their first ones. */
const HEAD_BYTES = MIN_MASKED_CHARS;

/** A share that nobody writes by chance, and that tells nearly all. */
const MOST = 3 / 4;

/** What a byte becomes at most in three levels of JSON: `\\\\u0001`, with a backslash more for each that is one. */
const MOST_ESCAPED = 9;

/**
 * How far a pattern reaches: where the longest that is whole there ends (`end`, the place itself without one), whether
 * one may go on behind the last byte (`isOpen`), and whether most of one is there (`isMost`).
 */
export interface Found {
  readonly end: number;
  readonly isOpen: boolean;
  readonly isMost: boolean;
}

/** Bytes that are looked for, in whatever stands around them, as they are and with escapes. */
export interface Patterns {
  /** Bytes of the longest with all of it escaped; 0 where there are none. */
  readonly longest: number;
  /** What begins at a place. `backslash` is where the first one at or behind it stands: before that nothing is escaped. */
  at(bytes: Buffer, place: number, backslash: number): Found;
  /** Whether one may begin at a place: nearly always it does not, and that is seen at once. */
  mayBegin(bytes: Buffer, place: number): boolean;
}

/**
 * A form is there once, or twice where it has escapes itself: a text is compared with it by what its escapes stand for.
 * The ways in which encoders write the same text are too many for a pattern each: they multiply with every level.
 */
export function createPatterns(forms: Iterable<string>): Patterns {
  const byHead = new Map<number, Buffer[]>();
  /** The beginnings of patterns that are shorter than a head, for the end of what is there. */
  const beginnings = new Set<string>();
  /** By the first two bytes; of a lone last byte, by that one. */
  const pairs = new Uint8Array(0x10000);
  const firsts = new Uint8Array(0x100);
  let longest = 0;

  function add(bytes: Buffer): void {
    if (bytes.length < HEAD_BYTES) return;
    longest = Math.max(longest, bytes.length);
    const head = bytes.readUIntBE(0, HEAD_BYTES);
    const same = byHead.get(head);
    if (same === undefined) byHead.set(head, [bytes]);
    else same.push(bytes);
    const first = bytes.readUInt8(0);
    pairs[bytes.readUInt16BE(0)] = 1;
    pairs[(first << 8) | BACKSLASH] = 1;
    firsts[first] = 1;
    for (let length = 1; length < HEAD_BYTES; length++)
      beginnings.add(bytes.toString("latin1", 0, length));
  }

  for (const form of forms) {
    const bytes = Buffer.from(form);
    const plain = withoutEscapes(bytes);
    add(bytes);
    if (!plain.equals(bytes)) add(plain);
  }
  for (const same of byHead.values()) same.sort((a, b) => b.length - a.length);
  if (longest > 0) {
    pairs.fill(1, BACKSLASH << 8, (BACKSLASH + 1) << 8);
    firsts[BACKSLASH] = 1;
  }

  function plainAt(bytes: Buffer, place: number): Found {
    const left = bytes.length - place;
    if (left < HEAD_BYTES) {
      const isOpen = beginnings.has(bytes.toString("latin1", place));
      return { end: place, isOpen, isMost: false };
    }
    let end = place;
    let isOpen = false;
    let isMost = false;
    for (const pattern of byHead.get(bytes.readUIntBE(place, HEAD_BYTES)) ?? []) {
      const length = Math.min(pattern.length, left);
      if (bytes.compare(pattern, 0, length, place, place + length) !== 0) continue;
      if (length === pattern.length) {
        end = Math.max(end, place + length);
        continue;
      }
      isOpen = true;
      isMost ||= length >= pattern.length * MOST;
    }
    return { end, isOpen, isMost };
  }

  function escapedAt(bytes: Buffer, place: number, backslash: number): Found {
    let end = place;
    let isOpen = false;
    let isMost = false;
    const head = escapedHead(bytes, place, HEAD_BYTES, firsts);
    if (head === undefined) return { end, isOpen, isMost };
    if (head.length < HEAD_BYTES) {
      isOpen = head.length === 0 || beginnings.has(head.toString("latin1"));
      return { end, isOpen, isMost };
    }
    for (const pattern of byHead.get(head.readUIntBE(0, HEAD_BYTES)) ?? []) {
      // Found as it is, or not there.
      if (backslash - place >= pattern.length) continue;
      const reach = escapedReach(pattern, bytes, place, backslash);
      if (reach === undefined) continue;
      if (reach.length === pattern.length) {
        end = Math.max(end, reach.end);
        continue;
      }
      isOpen = true;
      isMost ||= reach.length >= pattern.length * MOST;
    }
    return { end, isOpen, isMost };
  }

  return {
    longest: longest * MOST_ESCAPED,
    mayBegin(bytes, place) {
      if (place + 1 === bytes.length) return firsts[bytes[place] as number] === 1;
      return pairs[((bytes[place] as number) << 8) | (bytes[place + 1] as number)] === 1;
    },
    at(bytes, place, backslash) {
      const plain = plainAt(bytes, place);
      if (backslash === bytes.length || backslash - place >= longest) return plain;
      // What begins within a row of backslashes began with the first of them.
      if (bytes[place] === BACKSLASH && bytes[place - 1] === BACKSLASH) return plain;
      const escaped = escapedAt(bytes, place, backslash);
      return {
        end: Math.max(plain.end, escaped.end),
        isOpen: plain.isOpen || escaped.isOpen,
        isMost: plain.isMost || escaped.isMost,
      };
    },
  };
}
