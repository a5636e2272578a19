import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { NODE_LIMITS } from "@yardmaster/protocol/node";
import { FileRefusal, notAllowed } from "./file-refusal.ts";
import { openWithin } from "./opened.ts";
import { type Roots, realPathOf, realRoots, type Walls } from "./roots.ts";
import type { RunningHashes } from "./running-hashes.ts";

export interface FileContent {
  readonly content: Buffer;
  /** Of the whole file. */
  readonly sizeBytes: number;
  readonly isEnd: boolean;
  /** Of the whole file, where that is known. */
  readonly sha256: string | undefined;
  /** Octal, as `0644`. */
  readonly mode: string;
  readonly mtime: Date;
}

export interface Range {
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
}

const PIECE_BYTES = 64 * 1024;

/**
 * Reads a file, or a range of at most 1 MiB of it.
 * @throws FileRefusal, or a system error
 */
export async function readFileWithin(
  path: string,
  range: Range,
  walls: Walls,
  hashes: RunningHashes,
): Promise<FileContent> {
  const handle = await openForReading(resolve(path), walls);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new FileRefusal("is_folder", `${path} is a folder`);
    if (!stat.isFile()) throw new FileRefusal("io_error", `${path} is no regular file`);
    const isWhole = range.offset === undefined && range.length === undefined;
    return isWhole
      ? await readWhole(handle, stat, path)
      : await readRange(handle, path, range, hashes);
  } finally {
    await handle.close();
  }
}

/** What is outside is refused as such, there or not. */
function openForReading(path: string, walls: Walls): Promise<FileHandle> {
  const roots = realRoots(walls);
  const real = realPathOf(path);
  if (real === undefined) throw missing(path, roots);
  if (!roots.holds(real)) throw notAllowed(path);
  return openWithin(real, constants.O_RDONLY, roots);
}

function missing(path: string, roots: Roots): FileRefusal {
  for (let above = path; above !== "/"; ) {
    above = resolve(above, "..");
    const real = realPathOf(above);
    if (real === undefined) continue;
    return roots.holds(real)
      ? new FileRefusal("file_not_found", `${path} is not there`)
      : notAllowed(path);
  }
  return notAllowed(path);
}

async function readWhole(handle: FileHandle, stat: Stats, path: string): Promise<FileContent> {
  const most = NODE_LIMITS.fileBytes;
  const content = stat.size > most ? undefined : await readToEnd(handle, stat.size, most);
  if (content === undefined) {
    const detail = `${path} has more than ${most} bytes: read it in ranges`;
    throw new FileRefusal("file_too_large", detail);
  }
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ...factsOf(stat), content, sizeBytes: content.length, isEnd: true, sha256 };
}

/** Undefined where there is more. The size is a hint: files of the system say 0, others grow meanwhile. */
async function readToEnd(
  handle: FileHandle,
  sizeBytes: number,
  mostBytes: number,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (let wanted = sizeBytes + 1; bytes <= mostBytes; wanted = PIECE_BYTES) {
    const part = await readAt(handle, bytes, wanted);
    parts.push(part);
    bytes += part.length;
    if (part.length < wanted) return Buffer.concat(parts, bytes);
  }
  return undefined;
}

async function readRange(
  handle: FileHandle,
  path: string,
  { offset = 0, length = NODE_LIMITS.rangeBytes }: Range,
  hashes: RunningHashes,
): Promise<FileContent> {
  const wanted = Math.min(length, NODE_LIMITS.rangeBytes);
  const content = await readAt(handle, offset, wanted);
  // Looked at afterwards: what has grown meanwhile does not end here.
  const stat = await handle.stat();
  const end = offset + content.length;
  // Files of the system say 0, and others shrink: there only a range that was not filled is the last.
  const isEnd = end === stat.size || (end > stat.size && content.length < wanted);
  // A file that changes between two ranges is another one.
  const key = `${path}\0${stat.dev}\0${stat.ino}\0${stat.size}\0${stat.mtimeMs}`;
  const sha256 = hashes.add(key, offset, content, isEnd);
  return { ...factsOf(stat), content, sizeBytes: stat.size, isEnd, sha256 };
}

/** Up to so many bytes; fewer only at the end of the file. */
async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function factsOf(stat: Stats) {
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, "0");
  return { mode, mtime: stat.mtime };
}
