import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { SignatureScheme } from "./signature.ts";

export interface SignatureHeader {
  /** In lower case. */
  readonly name: string;
  /** What stands before the hex digest. */
  readonly prefix: string;
}

const HEX_DIGEST = /^[0-9a-f]{64}$/;

/**
 * HMAC-SHA256 of the bytes under the secret's text, as lower-case hex in a header. Of several headers the first that
 * is there decides, empty or not. Compares in constant time.
 */
export function hmacInHeader(...signatureHeaders: readonly SignatureHeader[]): SignatureScheme {
  return {
    readKey: (text) =>
      text.trim() === "" ? { problem: "it is blank" } : createSecretKey(text, "utf8"),
    read(headers, signed) {
      const given = givenDigest(signatureHeaders, headers);
      if (given === undefined) return undefined;
      return (key) => timingSafeEqual(createHmac("sha256", key).update(signed).digest(), given);
    },
    flawOf(headers) {
      const given = signatureHeaders.find(({ name }) => headers[name] !== undefined);
      if (given !== undefined)
        return `its header ${given.name} is not ${given.prefix}<64 lower-case hex digits>`;
      return `it has no header ${signatureHeaders.map(({ name }) => name).join(" or ")}: its sender knows no secret`;
    },
  };
}

function givenDigest(
  signatureHeaders: readonly SignatureHeader[],
  headers: IncomingHttpHeaders,
): Buffer | undefined {
  for (const { name, prefix } of signatureHeaders) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || !value.startsWith(prefix)) return undefined;
    const hex = value.slice(prefix.length);
    return HEX_DIGEST.test(hex) ? Buffer.from(hex, "hex") : undefined;
  }
  return undefined;
}
