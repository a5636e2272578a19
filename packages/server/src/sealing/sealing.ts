import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Seals text for storage. `place` names where it is kept: what was sealed for one place opens in no other. */
export interface Sealer {
  seal(text: string, place: string): string;
  /** Undefined when it was sealed under another master key, for another place, or was changed. */
  open(sealed: string, place: string): string | undefined;
}

const VERSION = "v1";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;

/**
 * AES-256-GCM in envelopes: each value has a key of its own, and that key is sealed under the master key, so that
 * a new master key means sealing keys again and never values. Form: `v1.<master key id>.<sealed key>.<sealed value>`.
 */
export function createSealer(masterKey: Buffer): Sealer {
  const masterId = createHash("sha256").update(masterKey).digest("base64url").slice(0, 8);
  return {
    seal(text, place) {
      const dataKey = randomBytes(DATA_KEY_BYTES);
      const parts = [
        encrypt(masterKey, dataKey, place),
        encrypt(dataKey, Buffer.from(text), place),
      ];
      return [VERSION, masterId, ...parts.map((part) => part.toString("base64url"))].join(".");
    },
    open(sealed, place) {
      const [version, keyId, dataKeyText, valueText] = sealed.split(".");
      if (version !== VERSION || keyId !== masterId) return undefined;
      const dataKey = decrypt(masterKey, dataKeyText, place);
      return dataKey && decrypt(dataKey, valueText, place)?.toString();
    },
  };
}

function encrypt(key: Buffer, plain: Buffer, place: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(place));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, text: string | undefined, place: string): Buffer | undefined {
  const sealed = Buffer.from(text ?? "", "base64url");
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}
