import { closingQuote } from "./json-string.ts";

/** Where and how a text stops being JSON that can be used. `index` counts UTF-16 units. */
export interface JsonFlaw {
  readonly index: number;
  readonly problem: string;
}

/**
 * What becomes of integers beyond 2^53 whose digits a number cannot keep: `exact` refuses them, `nearest` lets the
 * nearest number stand for them.
 */
export type BigIntegers = "exact" | "nearest";

/** With fewer digits in a row and a shorter exponent a number is neither too large nor an integer beyond 2^53. */
const SUSPECT_DIGITS = 16;
const SUSPECT_EXPONENT = /[eE]\+?\d{3}/;
const NUMBER = /-?\d[\d.eE+-]*/y;
const INTEGER = /^-?\d+$/;
const MAX_SHOWN_CHARS = 40;

/**
 * The first number of a JSON text that would not be what the text says: `1e400` is read as Infinity, which JSON has
 * no word for, and would be kept as null. The text must be valid JSON.
 */
export function numberFlaw(text: string, integers: BigIntegers): JsonFlaw | undefined {
  if (!mayHaveFlaw(text)) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = closingQuote(text, i);
    else if (code === 0x2d || isDigit(text, i)) {
      NUMBER.lastIndex = i;
      const literal = NUMBER.exec(text)?.[0] ?? "";
      const problem = literalProblem(literal, integers);
      if (problem !== undefined) return { index: i, problem };
      i += literal.length - 1;
    }
  }
  return undefined;
}

/** Most texts have nothing suspect and are not walked. A row of digits covers a place that is looked at, or is too short. */
function mayHaveFlaw(text: string): boolean {
  for (let i = SUSPECT_DIGITS - 1; i < text.length; i += SUSPECT_DIGITS) {
    if (!isDigit(text, i)) continue;
    let start = i;
    let end = i + 1;
    while (isDigit(text, start - 1)) start--;
    while (isDigit(text, end)) end++;
    if (end - start >= SUSPECT_DIGITS) return true;
  }
  return SUSPECT_EXPONENT.test(text);
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}

function literalProblem(literal: string, integers: BigIntegers): string | undefined {
  const value = Number(literal);
  if (!Number.isFinite(value))
    return `${shown(literal)} is too large for a number (put it in quotes)`;
  if (integers === "nearest" || Number.isSafeInteger(value) || !INTEGER.test(literal))
    return undefined;
  // What is written as it would be written back loses nothing.
  if (String(value) === literal) return undefined;
  return `${shown(literal)} is too big to be exact (put it in quotes if it is an id)`;
}

function shown(literal: string): string {
  return literal.length <= MAX_SHOWN_CHARS ? literal : `${literal.slice(0, MAX_SHOWN_CHARS)}…`;
}
