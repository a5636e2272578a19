import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { decodeBase64Url } from "../base64.ts";
import { createNonceSet } from "./nonce-set.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Frames of both directions after which a session must be renewed. */
export const SEALED_FRAMES_MOST = 2 ** 20;

export interface SealingOptions {
  /** 32 bytes, of `sessionKey`. */
  readonly key: Buffer;
  readonly newNonce?: () => Buffer;
  readonly framesMost?: number;
}

/** `replayed`: a nonce that was there before, be it theirs (replay) or ours (reflection). */
export type Opened =
  | { readonly ok: string }
  | { readonly flaw: "malformed" | "forged" | "replayed" };

/** One side of an encrypted session. Whoever holds it closes with 4008 at a flaw, and renews a spent session. */
export interface Sealing {
  /** `data` of the `enc` frame that carries a text message. */
  seal(text: string): string;
  /** The text message that an `enc` frame carries. */
  open(data: string): Opened;
  /** Whether so many frames went over it that the session must be renewed. */
  isSpent(): boolean;
}

export function createSealing({
  key,
  newNonce = () => randomBytes(NONCE_BYTES),
  framesMost = SEALED_FRAMES_MOST,
}: SealingOptions): Sealing {
  const nonces = createNonceSet();
  let frames = 0;

  return {
    seal(text) {
      let nonce = newNonce();
      while (!nonces.add(nonce)) nonce = newNonce();
      frames++;
      return sealed(key, nonce, text);
    },
    open(data) {
      const bytes = decodeBase64Url(data);
      if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES)
        return { flaw: "malformed" };
      const text = opened(key, bytes);
      if (text === undefined) return { flaw: "forged" };
      // After the tag is checked: strangers must not be able to fill the set.
      if (!nonces.add(bytes.subarray(0, NONCE_BYTES))) return { flaw: "replayed" };
      frames++;
      return { ok: text };
    },
    isSpent: () => frames >= framesMost,
  };
}

function sealed(key: Buffer, nonce: Buffer, text: string): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString("base64url");
}

function opened(key: Buffer, bytes: Buffer): string | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
