import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { numberFlaw } from "@yardmaster/protocol";
import { evaluationFailure, Failure } from "../failure.ts";
import { allocate, createFrame, type Frame } from "../frame.ts";
import { fromBase64, toBase64 } from "../values/base64.ts";
import { BYTES, DYN, STRING } from "../values/cel-type.ts";
import { toJson } from "../values/to-json.ts";
import { Opaque } from "../values/values.ts";
import { define, type Functions } from "./signature.ts";

const TEXT = ["string"] as const;
const TEXT_OR_BYTES = ["string", "bytes"] as const;

/** The bytes of a value that may be text, which is UTF-8. */
export function bytesOf(value: string | Opaque, frame: Frame): Uint8Array | Failure {
  const size = typeof value === "string" ? value.length : value.bytes.length;
  const tooLarge = allocate(frame, size);
  if (tooLarge !== undefined) return tooLarge;
  return typeof value === "string" ? new TextEncoder().encode(value) : value.bytes;
}

function encoded(encode: (bytes: Uint8Array) => string) {
  return ([value]: readonly [string | Opaque], frame: Frame): string | Failure => {
    const bytes = bytesOf(value, frame);
    if (bytes instanceof Failure) return bytes;
    const text = encode(bytes);
    return allocate(frame, text.length) ?? text;
  };
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function decodeJson(text: string, frame: Frame): unknown {
  const tooLarge = allocate(frame, text.length);
  if (tooLarge !== undefined) return tooLarge;
  try {
    const value: unknown = JSON.parse(text);
    const flaw = numberFlaw(text, "exact");
    if (flaw === undefined) return value;
    return evaluationFailure(`json.decode() cannot read ${quoted(text)}: ${flaw.problem}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return evaluationFailure(`json.decode() cannot read ${quoted(text)}: it is not JSON`);
  }
}

function encodeJson(value: unknown, frame: Frame): string | Failure {
  const json = toJson(value, createFrame(frame.scope));
  if (json instanceof Failure) return json;
  const text = JSON.stringify(json);
  return allocate(frame, text.length) ?? text;
}

function decodeHex(text: string): Opaque | Failure {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text)
    ? new Opaque("bytes", 0, hexToBytes(text))
    : evaluationFailure(`hex.decode() cannot read ${quoted(text)}: it is not pairs of 0-9 a-f`);
}

function decodeBase64(text: string): Opaque | Failure {
  const bytes = fromBase64(text);
  return bytes === undefined
    ? evaluationFailure(`base64.decode() cannot read ${quoted(text)}: it is not base64`)
    : new Opaque("bytes", 0, bytes);
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function encodeUrl(text: string, frame: Frame): string | Failure {
  const encodedText = encodeURIComponent(text.replace(LONE_SURROGATE, "\ufffd"));
  return allocate(frame, encodedText.length) ?? encodedText;
}

function decodeUrl(text: string): string | Failure {
  try {
    return decodeURIComponent(text);
  } catch {
    return evaluationFailure(`url.decode() cannot read ${quoted(text)}: a % does not fit`);
  }
}

export const ENCODING_FUNCTIONS: Functions = {
  "json.encode": define<readonly [unknown]>({
    style: "call",
    takes: [[]],
    does: "the JSON text of a value",
    example: `json.encode({'a': [1, null]}) == '{"a":[1,null]}'`,
    gives: STRING,
    apply: ([value], frame) => encodeJson(value, frame),
  }),
  "json.decode": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the value that a JSON text spells",
    example: `json.decode('{"a":[1]}').a[0] == 1`,
    gives: DYN,
    apply: ([text], frame) => decodeJson(text, frame),
  }),
  "base64.encode": define<readonly [string | Opaque]>({
    style: "call",
    takes: [TEXT_OR_BYTES],
    does: "bytes, or the UTF-8 of a text, as base64 with padding",
    example: "base64.encode('hello') == 'aGVsbG8='",
    gives: STRING,
    apply: encoded(toBase64),
  }),
  "base64.decode": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the bytes of base64 in either alphabet, padded or not",
    example: "string(base64.decode('aGVsbG8')) == 'hello'",
    gives: BYTES,
    apply: ([text], frame) => allocate(frame, text.length) ?? decodeBase64(text),
  }),
  "hex.encode": define<readonly [string | Opaque]>({
    style: "call",
    takes: [TEXT_OR_BYTES],
    does: "bytes, or the UTF-8 of a text, as hexadecimal digits",
    example: "hex.encode('hi') == '6869'",
    gives: STRING,
    apply: encoded(bytesToHex),
  }),
  "hex.decode": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the bytes of hexadecimal digits",
    example: "string(hex.decode('6869')) == 'hi'",
    gives: BYTES,
    apply: ([text], frame) => allocate(frame, text.length) ?? decodeHex(text),
  }),
  "url.encode": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the text as one part of a URL, with % for what is not allowed there",
    example: "url.encode('a b/c') == 'a%20b%2Fc'",
    gives: STRING,
    apply: ([text], frame) => allocate(frame, text.length * 3) ?? encodeUrl(text, frame),
  }),
  "url.decode": define<readonly [string]>({
    style: "call",
    takes: [TEXT],
    does: "the text that a part of a URL stands for",
    example: "url.decode('a%20b') == 'a b'",
    gives: STRING,
    apply: ([text], frame) => allocate(frame, text.length) ?? decodeUrl(text),
  }),
};
