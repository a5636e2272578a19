/** Makes ids; injected, so that pure code and tests decide which. */
export type NewId = () => string;

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then `random` (at least 10 bytes).
 * Ids of one process sort by the time they were made, to the millisecond.
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
