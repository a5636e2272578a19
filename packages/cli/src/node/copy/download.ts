import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import type { NodeFileContent } from "@yardmaster/protocol";
import { AppError, isAppError } from "@yardmaster/protocol/core";
import { type Download, PART, type TransferDeps, type Transferred } from "./copy.types.ts";
import { NODE_WAIT, patiently } from "./patience.ts";
import { placeText } from "./place.ts";

const RANGE_BYTES = 1024 * 1024;

/**
 * Copies a file from a node. It gathers beside its place and takes it when it is whole and its checksum right; what an
 * earlier copy left there is gone on with where the node gives a checksum to hold it against.
 */
export async function download(deps: TransferDeps, { from, to }: Download): Promise<Transferred> {
  const first = await readRange(deps, from, 0);
  const partPath = `${to.path}${PART}`;
  const found = first.sha256 === null ? 0 : await sizeOf(partPath);
  const resumed = found > first.size_bytes ? 0 : found;
  try {
    return await gather(deps, { from, to }, { first, partPath, resumed });
  } catch (error) {
    if (resumed === 0 || !isAppError(error) || error.code !== "hash_mismatch") throw error;
    // What was there was no beginning of this file.
    return await gather(deps, { from, to }, { first, partPath, resumed: 0 });
  }
}

interface Gathering {
  readonly first: NodeFileContent;
  readonly partPath: string;
  readonly resumed: number;
}

async function gather(
  deps: TransferDeps,
  { from, to }: Download,
  { first, partPath, resumed }: Gathering,
): Promise<Transferred> {
  const hash = createHash("sha256");
  if (resumed > 0) await hashFile(hash, partPath);
  const part = await open(partPath, resumed > 0 ? "r+" : "w", 0o600);
  try {
    await copyRanges(deps, { from, to }, { first, part, hash, start: resumed });
    await part.sync();
  } finally {
    await part.close();
  }
  const sha256 = hash.digest("hex");
  if (first.sha256 !== null && first.sha256 !== sha256) {
    await rm(partPath, { force: true });
    throw changed(from);
  }
  const mode = first.mode === null ? null : Number.parseInt(first.mode, 8) & 0o777;
  await chmod(partPath, mode ?? 0o666 & ~process.umask());
  await rename(partPath, to.path);
  return { bytes: first.size_bytes, sha256, resumedBytes: resumed, mode };
}

interface Ranges {
  readonly first: NodeFileContent;
  readonly part: FileHandle;
  readonly hash: Hash;
  readonly start: number;
}

/** Each range is asked for while the one before is written. */
async function copyRanges(
  deps: TransferDeps,
  { from }: Download,
  { first, part, hash, start }: Ranges,
): Promise<void> {
  const total = first.size_bytes;
  let at = start;
  let next = at === 0 ? Promise.resolve(first) : readIfAny(deps, from, at, total);
  while (at < total) {
    const range = await next;
    const content = Buffer.from(range?.content_b64 ?? "", "base64");
    if (range === undefined || content.length === 0 || isOther(first, range)) throw changed(from);
    next = readIfAny(deps, from, at + content.length, total);
    // Told when it is awaited; until then it is no failure that nobody heeds.
    next.catch(() => undefined);
    await part.write(content, 0, content.length, at);
    hash.update(content);
    at += content.length;
    deps.onProgress(at, total);
  }
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
  { client, signal }: TransferDeps,
  { node, path }: Download["from"],
  offset: number,
): Promise<NodeFileContent> {
  const range = { path, offset, length: RANGE_BYTES, wait: NODE_WAIT };
  try {
    return await patiently(() => client.nodes.read(node, range, { signal }), signal);
  } catch (error) {
    if (offset > 0 || !isAppError(error) || error.code !== "unsupported") throw error;
    // A client of the base protocol gives whole files alone.
    return await client.nodes.read(node, { path, wait: NODE_WAIT }, { signal });
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
