import { open } from "node:fs/promises";
import { join } from "node:path";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import type { OfferedFile } from "../job/job-payload.ts";

/** One piece of a file that a node lacks. */
export interface FilePiece {
  readonly sha256: string;
  readonly offset: number;
  readonly data: Buffer;
  readonly eof: boolean;
}

/**
 * Pieces of a file from an offset on, each as large as a frame may carry. An empty file is one empty piece.
 * @throws where it cannot be read, or has become shorter
 */
export async function* piecesOf(
  file: OfferedFile,
  packFolder: string,
  from: number,
): AsyncGenerator<FilePiece, void, undefined> {
  const { sha256 } = file;
  if (file.read !== undefined) return yield* piecesRead(file, file.read(from), from);
  const handle = await open(join(packFolder, file.path), "r");
  try {
    let offset = from;
    do {
      const length = Math.min(NODE_LIMITS.rangeBytes, file.bytes - offset);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead === 0 && length > 0) throw endsEarly(offset, file.bytes);
      const data = buffer.subarray(0, bytesRead);
      const eof = offset + bytesRead >= file.bytes;
      yield { sha256, offset, data, eof };
      offset += bytesRead;
      if (eof) return;
    } while (offset < file.bytes);
  } finally {
    await handle.close();
  }
}

async function* piecesRead(
  { sha256, bytes }: OfferedFile,
  content: AsyncIterable<Buffer>,
  from: number,
): AsyncGenerator<FilePiece, void, undefined> {
  let offset = from;
  for await (const data of content) {
    yield { sha256, offset, data, eof: offset + data.length >= bytes };
    offset += data.length;
  }
  if (bytes === 0) yield { sha256, offset: 0, data: Buffer.alloc(0), eof: true };
  else if (offset < bytes) throw endsEarly(offset, bytes);
}

function endsEarly(offset: number, bytes: number): Error {
  return new Error(`it ends after ${offset} of its ${bytes} bytes`);
}
