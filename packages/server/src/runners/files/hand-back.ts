import { createHash } from "node:crypto";
import { constants, realpathSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StepFile, WorkError } from "@yardmaster/protocol";
import type { RunAs } from "../run-as/run-as.ts";
import type { AttemptFiles } from "./attempt-files.ts";
import { type FoundFile, findFiles } from "./found-files.ts";
import { listedFlaw } from "./listed-files.ts";

/** One piece that is read at a time. */
const PIECE_BYTES = 256 * 1024;

/**
 * Stores what an attempt left in its work folder under its globs; what it came to is to be recorded with its result. All
 * processes of the attempt have ended. Stops at an abort, with what has been stored so far left to the retention.
 */
export async function handBack(
  workFolder: string,
  globs: readonly string[],
  files: AttemptFiles,
  signal: AbortSignal,
  user?: RunAs | undefined,
): Promise<readonly StepFile[] | WorkError> {
  try {
    const found = await findFiles(workFolder, globs);
    const flaw = listedFlaw(globs, found);
    if (flaw !== undefined) return flaw;
    const root = realpathSync(workFolder);
    const handed: StepFile[] = [];
    const open = (path: string) => openInside(root, path, user);
    for (const file of found) handed.push(await describe(open, file, signal));
    const over = await files.overLimit(handed);
    if (over !== undefined) return over;
    for (const file of handed) await store(open, file, files, signal);
    return (await files.overLimit(handed)) ?? handed;
  } catch (error) {
    if (signal.aborted) return { code: "canceled", message: "It was stopped." };
    const reason = error instanceof Error ? error.message : String(error);
    return { code: "io_error", message: `Its files could not be handed back: ${reason}` };
  }
}

type Open = (path: string) => Promise<FileHandle>;

async function describe(
  open: Open,
  { path, bytes, isExecutable }: FoundFile,
  signal: AbortSignal,
): Promise<StepFile> {
  const sha256 = await withFile(open, path, (file) => hashOf(file, bytes, signal));
  return { path, bytes, sha256, mode: isExecutable ? "0755" : "0644" };
}

async function store(
  open: Open,
  { path, bytes, sha256 }: StepFile,
  files: AttemptFiles,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await withFile(open, path, async (file) => {
    if (!(await files.reuse(sha256))) await write(file, bytes, sha256, files, signal);
  });
}

/** What goes wrong with it is thrown with its path. */
async function withFile<T>(
  openFile: Open,
  path: string,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await openFile(path);
  try {
    return await work(file);
  } catch (error) {
    if (error instanceof Error) error.message = `${path}: ${error.message}`;
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Through no link: neither the file nor a folder on the way to it has become one since it was found. Of a program that
 * is run as another user, its own files alone: it may not have ours read for it.
 */
async function openInside(
  root: string,
  path: string,
  user: RunAs | undefined,
): Promise<FileHandle> {
  const at = join(root, path);
  if (realpathSync(dirname(at)) !== dirname(at)) throw new Error(`${path} is behind a link`);
  const file = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (user === undefined || (await file.stat()).uid === user.uid) return file;
  await file.close();
  throw new Error(`${path} belongs to another user`);
}

async function hashOf(file: FileHandle, bytes: number, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of piecesOf(file, bytes, signal)) hash.update(piece);
  return hash.digest("hex");
}

async function write(
  file: FileHandle,
  bytes: number,
  sha256: string,
  files: AttemptFiles,
  signal: AbortSignal,
): Promise<void> {
  const sink = files.write();
  try {
    for await (const piece of piecesOf(file, bytes, signal)) await sink.add(piece);
  } catch (error) {
    await sink.drop().catch(() => undefined);
    throw error;
  }
  if (!(await sink.finish(sha256))) throw new Error("it changed while it was stored");
}

/** As many bytes as it had when it was found: not more where something still writes. */
async function* piecesOf(
  file: FileHandle,
  bytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; ) {
    signal.throwIfAborted();
    const length = Math.min(PIECE_BYTES, bytes - at);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new Error("it became shorter while it was stored");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
