import {
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { SignatureScheme } from "./signature.ts";

/** How far the sender's clock may be from ours, before and after; older ones could be replayed. */
export const TOLERANCE_S = 300;

/** Each costs a comparison; senders give one for each key that they rotate. */
const MAX_SIGNATURES = 10;
/** Of the key behind `whsec_` (Standard Webhooks, "Signature scheme"). */
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;

const HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const ID = /^[\x21-\x7e]{1,200}$/;
const SECONDS = /^\d{1,12}$/;

/**
 * Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`, a list of
 * `v1,<base64 of HMAC-SHA256>` and `v1a,<base64 of Ed25519>` over `id.timestamp.body`. One good signature is enough.
 * Secrets are `whsec_<base64>` or, for Ed25519, the public key `whpk_<base64>`.
 */
export const standardWebhooks: SignatureScheme = {
  readKey,
  read(headers, signed, nowMs) {
    const id = standardWebhookId(headers);
    const timestamp = headers["webhook-timestamp"];
    const list = headers["webhook-signature"];
    if (id === undefined || typeof timestamp !== "string" || typeof list !== "string")
      return undefined;
    if (!SECONDS.test(timestamp)) return undefined;
    if (Math.abs(nowMs / 1_000 - Number(timestamp)) > TOLERANCE_S) return undefined;
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), signed]);
    const given = list.split(" ").slice(0, MAX_SIGNATURES);
    return (key) => given.some((signature) => isGood(signature, key, content));
  },
  flawOf(headers, nowMs) {
    const missing = HEADERS.find((name) => typeof headers[name] !== "string");
    if (missing !== undefined) return `it has no header ${missing}`;
    const timestamp = String(headers["webhook-timestamp"]);
    if (!SECONDS.test(timestamp)) return "its webhook-timestamp is no number of Unix seconds";
    const lateS = Math.round(nowMs / 1_000 - Number(timestamp));
    if (Math.abs(lateS) > TOLERANCE_S)
      return `its webhook-timestamp is ${Math.abs(lateS)} s ${lateS > 0 ? "behind" : "ahead of"} this server's clock; ${TOLERANCE_S} s are allowed`;
    return "its webhook-id is longer than 200 characters, or not of printable ones";
  },
};

/** The id of a message: the same however often it is sent again. */
export function standardWebhookId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers["webhook-id"];
  return typeof id === "string" && ID.test(id) ? id : undefined;
}

function isGood(signature: string, key: KeyObject, content: Buffer): boolean {
  const comma = signature.indexOf(",");
  const bytes = fromBase64(signature.slice(comma + 1));
  if (bytes === undefined) return false;
  // What the version says and what the key is must agree: a public key is no secret of an HMAC.
  if (signature.startsWith("v1,") && key.type === "secret") {
    const digest = createHmac("sha256", key).update(content).digest();
    return bytes.length === digest.length && timingSafeEqual(digest, bytes);
  }
  return signature.startsWith("v1a,") && key.type === "public" && verify(null, content, key, bytes);
}

function readKey(text: string): KeyObject | { readonly problem: string } {
  // A secret of another form, such as hex, may read as base64 and would stand for bytes that nobody signs with.
  const [, kind, encoded = ""] = /^(whsec_|whpk_)(.*)$/s.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (kind === "whpk_") {
    if (bytes?.length !== PUBLIC_KEY_BYTES)
      return { problem: `whpk_ is followed by the base64 of ${PUBLIC_KEY_BYTES} bytes` };
    const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
    return createPublicKey({ key: jwk, format: "jwk" });
  }
  if (bytes === undefined || bytes.length < MIN_KEY_BYTES || bytes.length > MAX_KEY_BYTES)
    return {
      problem: `it must be whsec_ and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes, as the sender shows it`,
    };
  return createSecretKey(bytes);
}

/** Node.js skips what is no base64; a key or signature that was cut or mistyped must not pass for another. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  const bare = text.replace(/=+$/, "");
  return bytes.length > 0 && bytes.toString("base64").replace(/=+$/, "") === bare
    ? bytes
    : undefined;
}
