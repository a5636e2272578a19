import { createHash, timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 32;

/**
 * A new token of a node, pairing or lasting: 256 random bits in base64url without padding, 43 characters. None begins
 * with a dash: behind `--token` it would be taken for another option.
 */
export function newNodeToken(random: (bytes: number) => Buffer): string {
  const text = random(TOKEN_BYTES).toString("base64url");
  return text.startsWith("-") ? newNodeToken(random) : text;
}

/** SHA-256 of a token's text: what is stored and looked up. */
export function tokenDigest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares digests in constant time. */
export function isSameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Where a token's text is sealed for: what was sealed for one token opens for no other. */
export function sealedPlace(tokenId: string): string {
  return `node-token:${tokenId}`;
}
