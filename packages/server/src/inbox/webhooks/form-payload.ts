const AMPERSAND = 0x26;
const PLUS = 0x2b;
const PERCENT = 0x25;
const SPACE = 0x20;
const NAME = "payload=";

/**
 * The bytes of the field `payload` of an `application/x-www-form-urlencoded` body, or undefined where there is none.
 * Decoded byte by byte: a signature covers exactly these, also where they are not UTF-8.
 */
export function formPayload(body: Buffer): Buffer | undefined {
  for (let start = 0; start <= body.length; ) {
    const end = body.indexOf(AMPERSAND, start);
    const field = body.subarray(start, end < 0 ? body.length : end);
    if (field.subarray(0, NAME.length).toString("latin1") === NAME)
      return decode(field.subarray(NAME.length));
    if (end < 0) return undefined;
    start = end + 1;
  }
  return undefined;
}

function decode(text: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    const escaped = byte === PERCENT ? hexByte(text[i + 1], text[i + 2]) : undefined;
    if (escaped !== undefined) i += 2;
    bytes[length++] = escaped ?? (byte === PLUS ? SPACE : byte);
  }
  return bytes.subarray(0, length);
}

/** Undefined where these are no two hex digits. A table: 25 MiB of escapes took 2 s with texts, before any signature was looked at. */
function hexByte(high: number | undefined, low: number | undefined): number | undefined {
  const byte = (HEX_DIGITS[high ?? 0] as number) * 16 + (HEX_DIGITS[low ?? 0] as number);
  return byte < 0 ? undefined : byte;
}

/** What each byte stands for as a hex digit; far below zero for one that is none. */
const HEX_DIGITS = Int16Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1_000 : digit;
});
