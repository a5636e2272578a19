import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { NodeFileContent } from "@yardmaster/protocol";
import { AppError, failureCode, isAppError } from "@yardmaster/protocol/core";
import { type Download, PART, type TransferDeps, type Transferred } from "./copy.types.ts";
import { patiently } from "./patience.ts";
import { placeText } from "./place.ts";
import { writeAll } from "./write-all.ts";

const RANGE_BYTES = 1024 * 1024;
const MARK_CHARS = 12;

/**
 * Copies a file from a node. It gathers beside its place and takes it when it is whole; where the node has counted along
 * its checksum is compared. What an earlier copy of the very same file left there is gone on with.
 */
export async function download(deps: TransferDeps, plan: Download): Promise<Transferred> {
  const { from, to } = plan;
  const first = await readRange(deps, from, 0);
  const total = totalOf(first, from);
  const part = await openPart(partPathOf(plan, first), total);
  const hash = createHash("sha256");
  let told: string | null;
  try {
    if (part.bytes > 0) await hashFile(hash, part.path);
    told = await copyRanges(deps, plan, { first, total, part: part.file, hash, start: part.bytes });
    await part.file.sync();
  } catch (error) {
    throw plan.keepsPart ? withPart(error, to.path, part.path) : error;
  } finally {
    await part.file.close();
  }
  const sha256 = hash.digest("hex");
  if (told !== null && told !== sha256) {
    await rm(part.path, { force: true });
    throw changed(from);
  }
  const mode = first.mode === null ? null : Number.parseInt(first.mode, 8) & 0o777;
  await chmod(part.path, mode ?? 0o666 & ~process.umask());
  await rename(part.path, to.path);
  const isVerified = told !== null;
  return { bytes: total, sha256, resumedBytes: part.bytes, mode, isVerified };
}

/** Files of the system say that they are empty, and are not: such a one is had where it comes in one piece. */
function totalOf({ eof, size_bytes, content_b64 }: NodeFileContent, from: Download["from"]) {
  if (eof) return Buffer.from(content_b64, "base64").length;
  if (size_bytes > 0) return size_bytes;
  const cat = `yard node exec ${from.node} -- cat ${from.path}`;
  throw new AppError(
    "io_error",
    `${placeText(from)} does not say how large it is, and does not fit into one piece; ${cat} prints it`,
  );
}

/** What has arrived stays where the disk takes no more of it: it is told, for it fills the disk. */
function withPart(error: unknown, path: string, part: string): unknown {
  const code = failureCode(error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  const what = `There is no room for ${path} (${code}). What has arrived stays in ${part}`;
  const hint = "make room and copy again, which goes on there, or remove it";
  return new AppError("io_error", `${what}: ${hint}`, { cause: error });
}

/** Named by what the file is: the part of another one, or of how it was before, is no beginning of this. */
function partPathOf({ from, to }: Download, { size_bytes, mtime }: NodeFileContent): string {
  const identity = JSON.stringify([from.node, from.path, size_bytes, mtime]);
  const mark = createHash("sha256").update(identity).digest("hex").slice(0, MARK_CHARS);
  return `${to.path}${PART}-${mark}`;
}

interface Part {
  readonly path: string;
  readonly file: FileHandle;
  /** Were there already. */
  readonly bytes: number;
}

async function openPart(path: string, totalBytes: number): Promise<Part> {
  await removeOtherParts(path);
  const found = await sizeOf(path);
  const bytes = found <= totalBytes ? found : 0;
  return { path, bytes, file: await open(path, bytes > 0 ? "r+" : "w", 0o600) };
}

/** Of earlier copies to the same place, which will never be gone on with. */
async function removeOtherParts(path: string): Promise<void> {
  const [folder, own] = [dirname(path), basename(path)];
  const stem = own.slice(0, -MARK_CHARS);
  for (const name of await readdir(folder)) {
    const isOther = name.startsWith(stem) && name.length === own.length && name !== own;
    if (isOther) await rm(join(folder, name), { force: true });
  }
}

interface Ranges {
  readonly first: NodeFileContent;
  readonly total: number;
  readonly part: FileHandle;
  readonly hash: Hash;
  readonly start: number;
}

/** Each range is asked for while the one before is written. Gives the checksum that came with the last, if one did. */
async function copyRanges(
  deps: TransferDeps,
  { from }: Download,
  { first, total, part, hash, start }: Ranges,
): Promise<string | null> {
  let at = start;
  let told = total === 0 ? first.sha256 : null;
  let next = at === 0 ? Promise.resolve(first) : readIfAny(deps, from, at, total);
  while (at < total) {
    const range = await next;
    const content = Buffer.from(range?.content_b64 ?? "", "base64");
    if (range === undefined || content.length === 0 || isOther(first, range)) throw changed(from);
    next = readIfAny(deps, from, at + content.length, total);
    // Told when it is awaited; until then it is no failure that nobody heeds.
    next.catch(() => undefined);
    await writeAll(part, content, at);
    hash.update(content);
    at += content.length;
    deps.onProgress(at, total);
    told = range.sha256;
  }
  return told;
}

function readIfAny(
  deps: TransferDeps,
  from: Download["from"],
  offset: number,
  total: number,
): Promise<NodeFileContent | undefined> {
  return offset < total ? readRange(deps, from, offset) : Promise.resolve(undefined);
}

async function readRange(
  { files, signal }: TransferDeps,
  { node, path }: Download["from"],
  offset: number,
): Promise<NodeFileContent> {
  const range = { path, offset, length: RANGE_BYTES };
  try {
    const read = () => files.read(node, range, { signal });
    return await patiently(read, signal, { hasBegun: offset > 0 });
  } catch (error) {
    if (offset > 0 || !isAppError(error) || error.code !== "unsupported") throw error;
    // A client of the base protocol gives whole files alone.
    return await files.read(node, { path }, { signal });
  }
}

function isOther(first: NodeFileContent, range: NodeFileContent): boolean {
  return range.size_bytes !== first.size_bytes || range.mtime !== first.mtime;
}

function changed(from: Download["from"]): AppError {
  return new AppError(
    "hash_mismatch",
    `${placeText(from)} changed while it was copied; copy it again when it rests`,
  );
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function hashFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
}
