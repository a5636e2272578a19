import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { Failure } from "../failure.ts";
import { type Frame, step } from "../frame.ts";
import { STRING } from "../values/cel-type.ts";
import type { Opaque } from "../values/values.ts";
import { bytesOf } from "./encoding-functions.ts";
import { type CelFunction, define, type Functions } from "./signature.ts";

const INPUT = ["string", "bytes"] as const;

/** Setting a hash up costs as much as some 16 other steps, and then about a step for 16 bytes. */
const HASH_STEPS = 16;

type Hash = (bytes: Uint8Array) => Uint8Array;

function digest(hash: Hash, does: string, example: string): CelFunction {
  return define<readonly [string | Opaque]>({
    style: "call",
    takes: [INPUT],
    does,
    example,
    gives: STRING,
    apply: ([value], frame) => hashed(hash, value, frame),
  });
}

function hashed(hash: Hash, value: string | Opaque, frame: Frame): string | Failure {
  const bytes = bytesOf(value, frame);
  if (bytes instanceof Failure) return bytes;
  return step(frame, HASH_STEPS + (bytes.length >> 4)) ?? bytesToHex(hash(bytes));
}

/** Digests are hexadecimal text, as headers and APIs have them; `hex.decode()` gives the bytes. */
export const HASH_FUNCTIONS: Functions = {
  "hash.sha256": digest(
    sha256,
    "the SHA-256 of a text or bytes, in hexadecimal",
    "hash.sha256('abc').startsWith('ba7816bf')",
  ),
  "hash.sha512": digest(
    sha512,
    "the SHA-512 of a text or bytes, in hexadecimal",
    "hash.sha512('abc').startsWith('ddaf35a1')",
  ),
  "hash.sha1": digest(
    sha1,
    "the SHA-1 of a text or bytes, in hexadecimal; not against forgery",
    "hash.sha1('abc') == 'a9993e364706816aba3e25717850c26c9cd0d89d'",
  ),
  "hash.md5": digest(
    md5,
    "the MD5 of a text or bytes, in hexadecimal; not against forgery",
    "hash.md5('abc') == '900150983cd24fb0d6963f7d28e17f72'",
  ),
  "hash.hmacSha256": define<readonly [string | Opaque, string | Opaque]>({
    style: "call",
    takes: [INPUT, INPUT],
    does: "the HMAC-SHA-256 with a key (first) of a text or bytes, in hexadecimal",
    example: "hash.hmacSha256('key', 'abc').startsWith('9c196e32')",
    gives: STRING,
    apply([key, value], frame) {
      const secret = bytesOf(key, frame);
      if (secret instanceof Failure) return secret;
      return hashed((bytes) => hmac(sha256, secret, bytes), value, frame);
    },
  }),
};
