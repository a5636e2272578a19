import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of it at a place of the file. A system may take less than it was given, as on a disk that has become full:
 * the rest fails with the next write, and would be missing without a word if there were none.
 */
export async function writeAll(
  file: Pick<FileHandle, "write">,
  content: Uint8Array,
  at: number,
): Promise<void> {
  for (let written = 0; written < content.length; ) {
    const left = content.length - written;
    written += (await file.write(content, written, left, at + written)).bytesWritten;
  }
}
