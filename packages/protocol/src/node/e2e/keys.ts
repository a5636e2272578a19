import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import { decodeBase64Url } from "../base64.ts";

/*
 * The key schedule of end-to-end encryption. The token never crosses the wire: both sides
 * prove that they have it, and what lies between (a proxy that ends TLS) reads nothing.
 */

const HANDSHAKE = "hermes-node-e2e-v1";
const SESSION = "hermes-node-session-v1";
const KEY_BYTES = 32;
/** DER of an X25519 key, before its 32 bytes (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** A pair for one session. `publicText` is base64url without padding, as `ecdh_pub` carries it. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicText: string;
}

/** A fresh pair, or the one of 32 given private bytes. */
export function createKeyPair(privateBytes?: Buffer): KeyPair {
  const privateKey =
    privateBytes === undefined
      ? generateKeyPairSync("x25519").privateKey
      : createPrivateKey({
          key: Buffer.concat([PRIVATE_PREFIX, privateBytes]),
          format: "der",
          type: "pkcs8",
        });
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { privateKey, publicText: der.subarray(-KEY_BYTES).toString("base64url") };
}

export interface HandshakeSecrets {
  readonly privateKey: KeyObject;
  /** `ecdh_pub` and `salt` as they came. */
  readonly peerPublic: string;
  readonly salt: string;
  readonly token: string;
}

/** The handshake key, or undefined where the peer's key or the salt is no such thing (a key of small order too). */
export function handshakeKey(secrets: HandshakeSecrets): Buffer | undefined {
  const salt = decodeBase64Url(secrets.salt);
  const shared = sharedSecret(secrets.privateKey, secrets.peerPublic);
  if (salt?.length !== KEY_BYTES || shared === undefined) return undefined;
  return Buffer.from(hkdfSync("sha256", shared, salt, HANDSHAKE + secrets.token, KEY_BYTES));
}

function sharedSecret(privateKey: KeyObject, peerPublic: string): Buffer | undefined {
  const peer = decodeBase64Url(peerPublic);
  if (peer?.length !== KEY_BYTES) return undefined;
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([PUBLIC_PREFIX, peer]),
      format: "der",
      type: "spki",
    });
    const shared = diffieHellman({ privateKey, publicKey });
    return shared.every((byte) => byte === 0) ? undefined : shared;
  } catch {
    // OpenSSL refuses keys of small order itself.
    return undefined;
  }
}

/** What the node shows in `auth`, and the server in `auth_ok`. */
export type ProofOf = "client-auth" | "server-auth";

export function proofOf(key: Buffer, who: ProofOf): string {
  return createHmac("sha256", key).update(who).digest("base64url");
}

/** Whether a proof is right, in a time that does not depend on it. */
export function isProof(key: Buffer, who: ProofOf, proof: string | undefined): boolean {
  const expected = Buffer.from(proofOf(key, who));
  const given = Buffer.from(proof ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The key of all frames after `auth_ok`. */
export function sessionKey(handshake: Buffer, sessionId: string): Buffer {
  return Buffer.from(hkdfSync("sha256", handshake, sessionId, SESSION, KEY_BYTES));
}
