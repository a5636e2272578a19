/**
 * What both streams of an exec_result may take in JSON: encryption makes a message larger by a third, and it must
 * still stay within the 16 MiB that servers take.
 */
export const RESULT_JSON_MOST_BYTES = 11.5 * 1024 * 1024;

/** One stream as text, for sessions without chunks. */
export interface Collected {
  push(bytes: Buffer): void;
  /** UTF-8, invalid bytes as U+FFFD; cut where its JSON would be longer than `mostBytes`. */
  text(mostBytes: number): {
    readonly text: string;
    readonly jsonBytes: number;
    readonly isCut: boolean;
  };
}

export function createCollected(): Collected {
  const parts: Buffer[] = [];
  return {
    push: (bytes) => void parts.push(Buffer.from(bytes)),
    text(mostBytes) {
      const bytes = Buffer.concat(parts);
      const end = endWithin(bytes, mostBytes);
      const text = bytes.toString("utf8", 0, end);
      return { text, jsonBytes: jsonBytesOf(bytes, end), isCut: end < bytes.length };
    },
  };
}

/** How many of the bytes fit, counted as JSON. */
function endWithin(bytes: Buffer, mostBytes: number): number {
  if (bytes.length * 6 <= mostBytes) return bytes.length;
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    size += jsonWidth(bytes[at] as number);
    if (size > mostBytes) return at;
  }
  return bytes.length;
}

function jsonBytesOf(bytes: Buffer, end: number): number {
  let size = 0;
  for (let at = 0; at < end; at++) size += jsonWidth(bytes[at] as number);
  return size;
}

/** At most: a byte of a longer character counts as the replacement character that it may become. */
function jsonWidth(byte: number): number {
  if (byte >= 0x80) return 3;
  if (byte >= 0x20) return byte === 0x22 || byte === 0x5c ? 2 : 1;
  return byte >= 0x08 && byte <= 0x0d && byte !== 0x0b ? 2 : 6;
}
