/** Makes ids; injected, so that pure code and tests decide which. */
export type NewId = () => string;

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then `random` (at least 10 bytes).
 * Ids sort by the time they were made, to the millisecond; those of one process of the server in their very order.
 */
export function uuidV7(unixMs: number, random: Uint8Array): string {
  const time = unixMs.toString(16).padStart(12, "0");
  let rest = "";
  for (let i = 0; i < 10; i++) {
    let byte = random[i] ?? 0;
    if (i === 0) byte = 0x70 | (byte & 0x0f);
    if (i === 2) byte = 0x80 | (byte & 0x3f);
    rest += HEX[byte];
  }
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}

const NOTHING_RANDOM = new Uint8Array(10);

/** The least UUIDv7 of a moment: ids before it are older, the others not. */
export function firstUuidAt(unixMs: number): string {
  return uuidV7(Math.max(0, Math.ceil(unixMs)), NOTHING_RANDOM);
}

/** Unix milliseconds in a UUIDv7: what it names came to be then. */
export function momentOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Fewest digits of an id that stand for it: with less, a slip of the finger among 100,000 runs would often be another's. */
export const MIN_ID_DIGITS = 6;

/** The newest of each table among which ids are found by how they end: no index knows it. 0.1 s. */
export const MAX_ENDINGS_READ = 100_000;

/** The hexadecimal digits of an id, or of a part of it, dashes or not; undefined of other texts and fewer digits than tell an id. */
export function idDigits(text: string): string | undefined {
  const digits = text.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]+$/.test(digits) && digits.length >= MIN_ID_DIGITS && digits.length <= 32
    ? digits
    : undefined;
}

/** The first and the last id that begin with these digits. */
export function idsFrom(digits: string): { readonly first: string; readonly last: string } {
  return { first: dashed(digits.padEnd(32, "0")), last: dashed(digits.padEnd(32, "f")) };
}

/** The text with which an id ends whose last digits these are. */
export function idEnding(digits: string): string {
  return dashed(digits.padStart(32, "_")).replace(/^[_-]+/, "");
}

function dashed(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
