import { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../db/index.ts";
import { PIECE_BYTES } from "./content-writer.ts";
import { type StoredContent, selectPiece } from "./contents.store.ts";

/**
 * The bytes of a content from `from` up to `to` (not included), a piece at a time. @throws AppError not_found where it
 * is kept no longer
 */
export async function* readContent(
  pool: Pool,
  { id, sha256, bytes }: StoredContent,
  from = 0,
  to = bytes,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = from; at < to; ) {
    const number = Math.floor(at / PIECE_BYTES);
    const begin = number * PIECE_BYTES;
    const piece = await retryOnConnectionLoss(() => selectPiece(pool, id, number));
    const part = piece?.subarray(at - begin, to - begin);
    if (part === undefined || part.length === 0)
      throw new AppError("not_found", `the content ${sha256} is kept no longer`);
    yield part;
    at += part.length;
  }
}
