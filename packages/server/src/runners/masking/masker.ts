import type { Json } from "@yardmaster/protocol";
import { BACKSLASH } from "./escapes.ts";
import { formsOf } from "./forms.ts";
import { createPatterns, type Patterns } from "./patterns.ts";

export const MASK = "***";
const MASK_BYTES = Buffer.from(MASK);

/** A stream that is masked as it comes: what may be the beginning of a secret is held back until more is known. */
export interface MaskedStream {
  write(chunk: Buffer): Buffer;
  /** What was held back. A secret of which most has come was cut off there, and is masked too. */
  end(): Buffer;
}

/** Puts `***` in the place of secrets, in whatever form they are given away. */
export interface Masker {
  stream(): MaskedStream;
  /** A whole text, as bytes. */
  bytes(bytes: Buffer): Buffer;
  text(text: string): string;
  /** Every text in a value, the names of its fields and its numbers included. */
  json(value: Json): Json;
  /** Bytes of the longest form: so many beyond the end of what is to be shown tell whether one begins before it. */
  readonly longest: number;
  /** Whether anything was masked yet. */
  hasMasked(): boolean;
}

export function createMasker(secrets: Iterable<string>): Masker {
  const patterns = createPatterns(new Set([...secrets].flatMap(formsOf)));
  let hasMasked = false;
  const onMasked = (): void => {
    hasMasked = true;
  };

  function bytes(given: Buffer): Buffer {
    const stream = createMaskedStream(patterns, onMasked);
    return Buffer.concat([stream.write(given), stream.end()]);
  }

  function text(given: string): string {
    const plain = Buffer.from(given);
    const masked = bytes(plain);
    // A text that holds none stays as it is, halves of surrogates included.
    return masked.equals(plain) ? given : masked.toString();
  }

  function json(value: Json): Json {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return ofNumber(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).map(([name, inner]) => [text(name), json(inner as Json)]);
    return Object.fromEntries(fields) as Json;
  }

  function ofNumber(number: number): number | string {
    const digits = String(number);
    const clean = text(digits);
    return clean === digits ? number : clean;
  }

  return {
    stream: () => createMaskedStream(patterns, onMasked),
    bytes,
    text,
    json,
    longest: patterns.longest,
    hasMasked: () => hasMasked,
  };
}

/**
 * Invariant: `held` is what is not given yet. It begins where a pattern may, or is empty; of its first `covered` bytes
 * the mask has been given already, as they are a part of a secret that begins before them. So secrets that overlap
 * become one mask, however the stream is cut, and no more than the longest form is held.
 */
function createMaskedStream(patterns: Patterns, onMasked: () => void): MaskedStream {
  let held: Buffer = Buffer.alloc(0);
  let covered = 0;

  function take(bytes: Buffer, isLast: boolean): Buffer {
    const given: Buffer[] = [];
    let plainFrom = covered;
    let place = 0;
    let backslash = -1;
    for (; place < bytes.length; place++) {
      if (!patterns.mayBegin(bytes, place)) continue;
      if (backslash < place) backslash = nextBackslash(bytes, place);
      const found = patterns.at(bytes, place, backslash);
      if (found.isOpen && !isLast) break;
      const end = found.isMost ? bytes.length : found.end;
      if (end === place || end <= covered) continue;
      // Behind the mask that was given last a new one begins; within its bytes that one reaches further.
      if (place >= covered) {
        given.push(bytes.subarray(plainFrom, place), MASK_BYTES);
        onMasked();
      }
      covered = end;
      plainFrom = end;
    }
    if (plainFrom < place) given.push(bytes.subarray(plainFrom, place));
    held = bytes.subarray(place);
    covered = Math.max(0, covered - place);
    return given.length === 1 ? (given[0] as Buffer) : Buffer.concat(given);
  }

  return {
    write: (chunk) => take(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
    end: () => take(held, true),
  };
}

/** The end of the bytes where there is none. */
function nextBackslash(bytes: Buffer, place: number): number {
  const at = bytes.indexOf(BACKSLASH, place);
  return at === -1 ? bytes.length : at;
}
