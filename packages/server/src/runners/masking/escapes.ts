/** Before `\u`, a letter or a quote: nesting doubles them, and three levels of JSON write 7 before a quote. */
const MAX_BACKSLASHES = 64;
export const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** What `\b`, `\f`, `\n`, `\r` and `\t` stand for. */
const CONTROLS = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
const HEX_DIGITS = 4;
const LOW_SURROGATES = 0xdc00;

/** What an escape stands for, as bytes, and where it ends. */
export interface Escape {
  readonly bytes: readonly number[];
  readonly end: number;
}

/**
 * The escape that begins with the backslash at a place, however often it was escaped again: `\u00e4`, `\\u00E4`,
 * `\\\/`. Before anything else backslashes stand for nothing. Undefined where the bytes end within it.
 */
export function escapeAt(bytes: Buffer, place: number): Escape | undefined {
  const at = behindBackslashes(bytes, place);
  const byte = bytes[at];
  if (byte === undefined) return undefined;
  if (byte !== LETTER_U) return { bytes: [CONTROLS.get(byte) ?? byte], end: at + 1 };
  const unit = hexAt(bytes, at + 1);
  if (unit === undefined) return undefined;
  const end = at + 1 + HEX_DIGITS;
  if (Number.isNaN(unit)) return { bytes: [LETTER_U], end: at + 1 };
  if (unit < 0xd800 || unit >= LOW_SURROGATES) return { bytes: utf8(unit), end };
  return pairAt(bytes, end, unit);
}

/** A text with what its escapes stand for, as it is after any of its encoders: the same for it and for its JSON. */
export function withoutEscapes(bytes: Buffer): Buffer {
  if (!bytes.includes(BACKSLASH)) return bytes;
  const plain: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== BACKSLASH) {
      plain.push(bytes[at++] as number);
      continue;
    }
    const escaped = escapeAt(bytes, at);
    if (escaped === undefined) break;
    plain.push(...escaped.bytes);
    at = escaped.end;
  }
  return Buffer.from(plain);
}

function behindBackslashes(bytes: Buffer, place: number): number {
  let at = place;
  while (bytes[at] === BACKSLASH && at - place < MAX_BACKSLASHES) at++;
  return at;
}

/** The second half of a character beyond the first 65,536. */
function pairAt(bytes: Buffer, place: number, high: number): Escape | undefined {
  const alone = { bytes: utf8(high), end: place };
  const at = behindBackslashes(bytes, place);
  if (at === bytes.length) return undefined;
  if (at === place || bytes[at] !== LETTER_U) return alone;
  const low = hexAt(bytes, at + 1);
  if (low === undefined) return undefined;
  if (!(low >= LOW_SURROGATES && low <= 0xdfff)) return alone;
  const code = 0x10000 + ((high - 0xd800) << 10) + (low - LOW_SURROGATES);
  return { bytes: utf8(code), end: at + 1 + HEX_DIGITS };
}

/** NaN where there are none, undefined where the bytes end before they are all there. */
function hexAt(bytes: Buffer, place: number): number | undefined {
  let value = 0;
  for (let at = place; at < place + HEX_DIGITS; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value = value * 16 + hexDigit(byte);
  }
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const small = byte | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : Number.NaN;
}

function utf8(code: number): number[] {
  if (code < 0x80) return [code];
  const last = 0x80 | (code & 0x3f);
  if (code < 0x800) return [0xc0 | (code >> 6), last];
  const third = 0x80 | ((code >> 6) & 0x3f);
  if (code < 0x10000) return [0xe0 | (code >> 12), third, last];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), third, last];
}
