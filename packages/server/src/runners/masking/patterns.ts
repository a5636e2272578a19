import { MIN_MASKED_CHARS } from "./forms.ts";

/** Forms have so many bytes at least: they are found by their first ones. */
const HEAD_BYTES = MIN_MASKED_CHARS;

/** A share that nobody writes by chance, and that tells nearly all. */
const MOST = 3 / 4;

/** Bytes that are looked for, in whatever stands around them. */
export interface Patterns {
  /** Bytes of the longest; 0 where there are none. */
  readonly longest: number;
  /**
   * How far a pattern reaches that begins at a place: where the longest that is whole there ends (`end`, the place itself
   * without one), whether one may go on behind the last byte (`isOpen`), and whether most of one is there (`isMost`).
   */
  at(
    bytes: Buffer,
    place: number,
  ): { readonly end: number; readonly isOpen: boolean; readonly isMost: boolean };
  /** Whether one may begin at a place: nearly always it does not, and that is seen at once. */
  mayBegin(bytes: Buffer, place: number): boolean;
}

export function createPatterns(forms: Iterable<string>): Patterns {
  const byHead = new Map<number, Buffer[]>();
  /** The beginnings of patterns that are shorter than a head, for the end of what is there. */
  const beginnings = new Set<string>();
  /** By the first two bytes; of a lone last byte, by that one. */
  const pairs = new Uint8Array(0x10000);
  const firsts = new Uint8Array(0x100);
  let longest = 0;
  for (const form of forms) {
    const bytes = Buffer.from(form);
    longest = Math.max(longest, bytes.length);
    const head = bytes.readUIntBE(0, HEAD_BYTES);
    const same = byHead.get(head);
    if (same === undefined) byHead.set(head, [bytes]);
    else same.push(bytes);
    pairs[bytes.readUInt16BE(0)] = 1;
    firsts[bytes.readUInt8(0)] = 1;
    for (let length = 1; length < HEAD_BYTES; length++)
      beginnings.add(bytes.toString("latin1", 0, length));
  }
  for (const same of byHead.values()) same.sort((a, b) => b.length - a.length);

  return {
    longest,
    mayBegin(bytes, place) {
      if (place + 1 === bytes.length) return firsts[bytes[place] as number] === 1;
      return pairs[((bytes[place] as number) << 8) | (bytes[place + 1] as number)] === 1;
    },
    at(bytes, place) {
      const left = bytes.length - place;
      if (left < HEAD_BYTES)
        return {
          end: place,
          isOpen: beginnings.has(bytes.toString("latin1", place)),
          isMost: false,
        };
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
    },
  };
}
