import { createHash, randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, lstat, rename, unlink } from "node:fs/promises";
import type { ServerFrames } from "@yardmaster/protocol/node";
import { codeOf } from "../refusal.ts";
import { FileRefusal } from "./file-refusal.ts";
import type { Place } from "./place.ts";

export type WriteFrame = ServerFrames["write"];

export interface Written {
  readonly bytesWritten: number;
  /** Of the whole file, where it is known. */
  readonly sha256: string | undefined;
}

const NEW_FILE_MODE = 0o644;
const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;

/** Writes the whole content of a file: the old one or the new one is there, never half, unless asked otherwise. */
export async function writeWhole(
  place: Place,
  frame: WriteFrame,
  content: Buffer,
): Promise<Written> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (frame.expect_sha256 !== undefined && frame.expect_sha256 !== sha256) {
    throw hashMismatch(frame.path, sha256);
  }
  if (frame.mode === "append") return append(place, frame, content);
  if (frame.atomic === false) await writeInPlace(place, frame, content);
  else await replace(place, frame, content);
  return { bytesWritten: content.length, sha256 };
}

export function hashMismatch(path: string, got: string): FileRefusal {
  const detail = `the content for ${path} arrived with SHA-256 ${got}, which is not what was expected`;
  return new FileRefusal("hash_mismatch", detail);
}

async function append(place: Place, frame: WriteFrame, content: Buffer): Promise<Written> {
  const file = await openFile(place, frame, O_APPEND | O_CREAT);
  try {
    await file.appendFile(content);
    await file.sync();
    return { bytesWritten: content.length, sha256: undefined };
  } finally {
    await file.close();
  }
}

async function writeInPlace(place: Place, frame: WriteFrame, content: Buffer): Promise<void> {
  const file = await openFile(place, frame, frame.mode === "create" ? O_CREAT | O_EXCL : O_CREAT);
  try {
    await file.truncate(0);
    await writeAt(file, content, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The regular file at the place. */
export async function openFile(
  place: Place,
  frame: WriteFrame,
  flags: number,
): Promise<FileHandle> {
  const mode = modeOf(frame) ?? NEW_FILE_MODE;
  const file = await place.open(place.name, O_WRONLY | flags, mode);
  try {
    if (!(await file.stat()).isFile()) throw notRegular(frame.path);
    if (frame.file_mode !== undefined) await file.chmod(mode);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

export async function writeAt(file: FileHandle, content: Buffer, offset: number): Promise<void> {
  let written = 0;
  while (written < content.length) {
    const left = content.length - written;
    written += (await file.write(content, written, left, offset + written)).bytesWritten;
  }
}

async function replace(place: Place, frame: WriteFrame, content: Buffer): Promise<void> {
  // A name may have 255 bytes, and the draft's has more around it.
  const name = Buffer.from(place.name).toString("utf8", 0, 100);
  const draft = `.${name}.${randomBytes(6).toString("hex")}.yard-new`;
  const file = await place.open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    try {
      await writeAt(file, content, 0);
      await putInPlace(place, frame, draft, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    await unlink(place.at(draft)).catch(() => {});
    throw error;
  }
}

/**
 * Lets a finished draft in the same folder take the name of the file, with the rights that the file had. With mode
 * `create` only where there is none.
 */
export async function putInPlace(
  place: Place,
  frame: WriteFrame,
  draft: string,
  file: FileHandle,
): Promise<void> {
  const target = place.at(place.name);
  const before = await lstat(target).catch(() => undefined);
  if (before !== undefined && isSpecial(before)) throw notRegular(frame.path);
  await takeRights(before, frame, file);
  await file.sync();
  if (frame.mode === "create") await linkNew(place.at(draft), target);
  else await rename(place.at(draft), target);
  await place.sync();
}

/** A device, a pipe or a socket: whoever uses it would lose it to a rename, and be told nothing. */
function isSpecial(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice() || stats.isBlockDevice();
}

function notRegular(path: string): FileRefusal {
  return new FileRefusal("io_error", `${path} is no regular file`);
}

async function takeRights(
  before: Stats | undefined,
  frame: WriteFrame,
  file: FileHandle,
): Promise<void> {
  const old = before?.isFile() === true ? before : undefined;
  await file.chmod(modeOf(frame) ?? (old === undefined ? NEW_FILE_MODE : old.mode & 0o777));
  // Root may give it to the owner of before; for others it is theirs already, or stays ours.
  if (old !== undefined) await file.chown(old.uid, old.gid).catch(() => {});
}

/** A second name fails where one is there, which a rename would not. */
async function linkNew(draft: string, target: string): Promise<void> {
  try {
    await link(draft, target);
    await unlink(draft);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error;
    await lstat(target).then(
      () => Promise.reject(Object.assign(new Error("it is there"), { code: "EEXIST" })),
      () => rename(draft, target),
    );
  }
}

/** File systems without second names. */
const NO_LINKS: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

export function modeOf({ file_mode }: WriteFrame): number | undefined {
  return file_mode === undefined ? undefined : Number.parseInt(file_mode, 8) & 0o777;
}
