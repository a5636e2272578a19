import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Json, JsonFlaw } from "@yardmaster/protocol";
import { readJson } from "../../json/index.ts";

/** The response is larger than an output may be. */
export class TooLargeBody extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super("the body is too large");
    this.bytes = bytes;
  }
}

/** The whole body, decompressed. @throws TooLargeBody as soon as more than the limit has come */
export async function readBody(response: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of decompressed(response) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      response.destroy();
      throw new TooLargeBody(Math.max(bytes, Number(response.headers["content-length"]) || 0));
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The first bytes of a body, for an error; the rest is not waited for. */
export async function readStart(response: IncomingMessage, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let read = 0;
  try {
    for await (const chunk of decompressed(response) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      read += chunk.length;
      if (read >= bytes) break;
    }
  } catch {
    // What came before it broke is enough.
  }
  response.destroy();
  return Buffer.concat(chunks).subarray(0, bytes);
}

function decompressed(response: IncomingMessage): Readable {
  const decoder = decoderOf(response.headers["content-encoding"]);
  return decoder === undefined ? response : pipeline(response, decoder, () => undefined);
}

function decoderOf(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

export type Body =
  | { readonly body: Json; readonly encoding?: "base64" }
  | { readonly text: string; readonly flaw: JsonFlaw }
  | { readonly excess: string };

const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json$/;
const BINARY_TYPE =
  /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:octet-stream|pdf|zip|gzip|wasm))/;

/** What a body says by its content type: JSON as its value, text as text, everything else as base64. */
export function bodyOf(bytes: Buffer, contentType: string | undefined): Body {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isJson = JSON_TYPE.test(type);
  if (bytes.length === 0) return { body: isJson || type === "" ? null : "" };
  const text = BINARY_TYPE.test(type) ? undefined : decode(bytes, charsetOf(contentType));
  if (isJson && text !== undefined) {
    if (text.trim() === "") return { body: null };
    // Who answers cannot be asked to write ids as text: better the nearest number than no response.
    const read = readJson(text, "nearest");
    if ("excess" in read) return read;
    return "flaw" in read ? { text, flaw: read.flaw } : { body: read.value };
  }
  if (text !== undefined && !text.includes("\0")) return { body: text };
  return { body: bytes.toString("base64"), encoding: "base64" };
}

/** Undefined where the bytes are no text of this character set, or nobody knows the set. */
function decode(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
}
