import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { SourceKind } from "./kinds/index.ts";

/** A secret that signatures are checked with. `label` says in the record which one matched. */
export interface SigningSecret {
  readonly label: string;
  readonly key: KeyObject;
  /** Unix milliseconds from which it is refused; undefined for the current one. */
  readonly retiresAtMs: number | undefined;
}

const HEX_DIGEST = /^[0-9a-f]{64}$/;

/**
 * The secret under which the bytes were signed (HMAC-SHA256, lower-case hex), or undefined. An empty, missing or
 * malformed signature fails, and so does everything where no secret is set. Compares in constant time.
 */
export function matchingSecret(
  kind: SourceKind,
  secrets: readonly SigningSecret[],
  headers: IncomingHttpHeaders,
  signed: Buffer,
  nowMs: number,
): SigningSecret | undefined {
  const given = givenDigest(kind, headers);
  if (given === undefined) return undefined;
  return secrets.find((secret) => {
    if (secret.retiresAtMs !== undefined && secret.retiresAtMs <= nowMs) return false;
    return timingSafeEqual(createHmac("sha256", secret.key).update(signed).digest(), given);
  });
}

function givenDigest(kind: SourceKind, headers: IncomingHttpHeaders): Buffer | undefined {
  for (const { name, prefix } of kind.signatureHeaders) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || !value.startsWith(prefix)) return undefined;
    const hex = value.slice(prefix.length);
    return HEX_DIGEST.test(hex) ? Buffer.from(hex, "hex") : undefined;
  }
  return undefined;
}
