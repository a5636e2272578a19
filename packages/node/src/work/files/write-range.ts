import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, unlink } from "node:fs/promises";
import { codeOf } from "../refusal.ts";
import { FileRefusal, withPart } from "./file-refusal.ts";
import type { Place } from "./place.ts";
import type { RunningHashes } from "./running-hashes.ts";
import {
  hashMismatch,
  openFile,
  putInPlace,
  type WriteFrame,
  type Written,
  writeAt,
} from "./write-file.ts";

const { O_RDWR, O_CREAT } = constants;
const PART_SUFFIX = ".yard-part";
/** So that the last range need not wait for the disk to take all of a large file. */
const SYNC_BYTES = 64 * 1024 * 1024;

/**
 * Writes one range. Ranges gather in `<name>.yard-part`, each where the one before ended; the one that tells the
 * checksum of the whole is the last, and lets the part take the file's name. With `atomic: false` it goes into the
 * file itself.
 */
export async function writeRange(
  place: Place,
  frame: WriteFrame,
  offset: number,
  content: Buffer,
  hashes: RunningHashes,
): Promise<Written> {
  if (frame.atomic === false) return intoFile(place, frame, offset, content);
  const part = place.name + PART_SUFFIX;
  const file = await openPart(place, part, frame, offset);
  let hasFailed = false;
  try {
    await gather(file, frame, offset, content);
    const sha256 = hashes.add(partKey(frame), offset, content, frame.expect_sha256 !== undefined);
    if (frame.expect_sha256 === undefined)
      return { bytesWritten: content.length, sha256: undefined };
    const got = sha256 ?? (await hashOf(file));
    if (got !== frame.expect_sha256) {
      hasFailed = true;
      throw hashMismatch(frame.path, got);
    }
    await putInPlace(place, frame, part, file);
    return { bytesWritten: content.length, sha256: got };
  } catch (error) {
    throw withPart(error, frame.path, frame.path + PART_SUFFIX);
  } finally {
    await file.close();
    if (hasFailed) await unlink(place.at(part)).catch(() => {});
  }
}

/** The first range makes it: one that does not go on from anything leaves nothing behind. */
async function openPart(
  place: Place,
  part: string,
  frame: WriteFrame,
  offset: number,
): Promise<FileHandle> {
  if (offset === 0) return await place.open(part, O_RDWR | O_CREAT, 0o600);
  return await place.open(part, O_RDWR, 0o600).catch((error: unknown) => {
    throw codeOf(error) === "ENOENT" ? gatheredOtherwise(frame.path, 0) : error;
  });
}

function gatheredOtherwise(path: string, bytes: number): FileRefusal {
  const detail = `of ${path} ${bytes} bytes are gathered: go on there, or begin anew at 0`;
  return new FileRefusal("io_error", detail);
}

function partKey({ path }: WriteFrame): string {
  return `write\0${path}`;
}

async function gather(
  file: FileHandle,
  { path }: WriteFrame,
  offset: number,
  content: Buffer,
): Promise<void> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new FileRefusal("io_error", `${path}${PART_SUFFIX} is no regular file`);
  if (offset === 0) await file.truncate(0);
  else if (offset !== stat.size) throw gatheredOtherwise(path, stat.size);
  await writeAt(file, content, offset);
  const end = offset + content.length;
  if (Math.floor(end / SYNC_BYTES) > Math.floor(offset / SYNC_BYTES)) await file.datasync();
}

async function intoFile(
  place: Place,
  frame: WriteFrame,
  offset: number,
  content: Buffer,
): Promise<Written> {
  const file = await openFile(place, frame, O_CREAT);
  try {
    await writeAt(file, content, offset);
    await file.sync();
    return { bytesWritten: content.length, sha256: undefined };
  } finally {
    await file.close();
  }
}

/** Of all that has gathered: after a restart of the node nobody has counted along. */
async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
