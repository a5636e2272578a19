/**
 * Bytes of base64 text, or undefined where it is none. Node's decoder skips what it does not know, so a length
 * that is short tells: no second pass over the text, which is most of what nodes send.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === decodedLength(text) ? bytes : undefined;
}

function decodedLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Bytes of base64url text without padding, or undefined where it is none. */
export function decodeBase64Url(text: string): Buffer | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === Math.floor((text.length * 3) / 4) ? bytes : undefined;
}
