import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { NodeFileContent, WriteNodeFile } from "@yardmaster/protocol";
import { AppError, isAppError } from "@yardmaster/protocol/core";
import { PART, type TransferDeps, type Transferred, type Upload } from "./copy.types.ts";
import { patiently } from "./patience.ts";
import { placeText } from "./place.ts";

const RANGE_BYTES = 1024 * 1024;
/** Of what has gathered, how much is compared. */
const TAIL_BYTES = 64 * 1024;
/** What a client of the base protocol takes, in one piece. */
const WHOLE_BYTES = 10 * 1024 * 1024;

/**
 * Copies a file to a node. Ranges gather beside its place, and the last one, which has the checksum of the whole, puts
 * them there; a copy that was cut off goes on where the gathered part is the beginning of this file.
 */
export async function upload(deps: TransferDeps, plan: Upload): Promise<Transferred> {
  const file = await openLocal(plan.from.path);
  try {
    const { size, mode } = await file.stat();
    const source: Source = { file, sizeBytes: size, mode: mode & 0o777 };
    if (size > RANGE_BYTES) return await sendRanges(deps, plan, source);
    return await sendWhole(deps, plan, source);
  } finally {
    await file.close();
  }
}

interface Source {
  readonly file: FileHandle;
  readonly sizeBytes: number;
  readonly mode: number;
}

async function openLocal(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new AppError("not_found", `There is no file ${path}`);
    throw new AppError("io_error", `${path} cannot be read: ${message}`, { cause: error });
  }
}

async function sendWhole(deps: TransferDeps, plan: Upload, source: Source): Promise<Transferred> {
  const content = await readAt(source, 0, source.sizeBytes);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const { path } = plan.to;
  const whole = { path, content_b64: content.toString("base64") };
  // The same content again makes the same file.
  const put = (body: WriteNodeFile): Promise<void> =>
    patiently(() => write(deps, plan, body), deps.signal);
  const isVerified = await put({ ...whole, ...extrasOf(plan, source), expect_sha256: sha256 })
    .then(() => true)
    .catch(async (error: unknown) => {
      if (!isUnsupported(error)) throw error;
      if (source.sizeBytes > WHOLE_BYTES) throw tooLarge(plan);
      await put(whole);
      return false;
    });
  deps.onProgress(source.sizeBytes, source.sizeBytes);
  const mode = isVerified ? source.mode : null;
  return { bytes: source.sizeBytes, sha256, resumedBytes: 0, mode, isVerified };
}

async function sendRanges(deps: TransferDeps, plan: Upload, source: Source): Promise<Transferred> {
  const { sizeBytes, mode } = source;
  let resumedBytes: number | undefined;
  const sendRest = (): Promise<string> =>
    patiently(async (gotOn) => {
      const have = await gatheredBytes(deps, plan, source);
      resumedBytes ??= have;
      return await sendFrom(deps, plan, { source, start: have, gotOn });
    }, deps.signal);
  try {
    const sha256 = await sendRest().catch((error: unknown) => {
      if (!resumedBytes || !isAppError(error) || error.code !== "hash_mismatch") throw error;
      // What was there was no beginning of this file; the node has thrown it away.
      resumedBytes = undefined;
      return sendRest();
    });
    return { bytes: sizeBytes, sha256, resumedBytes: resumedBytes ?? 0, mode, isVerified: true };
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    if (sizeBytes > WHOLE_BYTES) throw tooLarge(plan);
    return await sendWhole(deps, plan, source);
  }
}

/** How much of this very file has gathered at the node, as far as the end of it tells; the last range proves it. */
async function gatheredBytes(deps: TransferDeps, plan: Upload, source: Source): Promise<number> {
  const size = (await readPart(deps, plan, { offset: 0, length: 1 }))?.size_bytes ?? 0;
  if (size === 0 || size > source.sizeBytes) return 0;
  const offset = Math.max(0, size - TAIL_BYTES);
  const tail = await readPart(deps, plan, { offset, length: size - offset });
  const own = await readAt(source, offset, size - offset);
  return tail !== undefined && own.equals(Buffer.from(tail.content_b64, "base64")) ? size : 0;
}

/** Undefined where it is not there, or not to be read: then the copy begins anew. */
async function readPart(
  { files, signal }: TransferDeps,
  { to }: Upload,
  range: { readonly offset: number; readonly length: number },
): Promise<NodeFileContent | undefined> {
  const body = { path: `${to.path}${PART}`, ...range };
  return await files.read(to.node, body, { signal }).catch((error: unknown) => {
    if (isAppError(error) && NO_PART.has(error.code)) return undefined;
    throw error;
  });
}

const NO_PART: ReadonlySet<string> = new Set([
  "file_not_found",
  "path_not_allowed",
  "not_granted",
  "forbidden",
  "io_error",
]);

interface Rest {
  readonly source: Source;
  readonly start: number;
  /** Told of each range that was taken. */
  readonly gotOn: () => void;
}

/** Sends what lacks, at least the last range; gives the checksum of the whole. */
async function sendFrom(
  deps: TransferDeps,
  plan: Upload,
  { source, start, gotOn }: Rest,
): Promise<string> {
  const { sizeBytes } = source;
  const hash = createHash("sha256");
  for (let at = 0; at < start; at += RANGE_BYTES)
    hash.update(await readAt(source, at, Math.min(RANGE_BYTES, start - at)));
  for (let offset = start; ; ) {
    const content = await readAt(source, offset, Math.min(RANGE_BYTES, sizeBytes - offset));
    hash.update(content);
    const end = offset + content.length;
    const isLast = end === sizeBytes;
    const sha256 = isLast ? hash.copy().digest("hex") : undefined;
    await write(deps, plan, {
      path: plan.to.path,
      content_b64: content.toString("base64"),
      offset,
      ...extrasOf(plan, source),
      ...(sha256 !== undefined && { expect_sha256: sha256 }),
    });
    gotOn();
    deps.onProgress(end, sizeBytes);
    if (sha256 !== undefined) return sha256;
    offset = end;
  }
}

async function write(
  { files, signal }: TransferDeps,
  { to }: Upload,
  body: WriteNodeFile,
): Promise<void> {
  const { sha256 } = await files.write(to.node, body, { signal });
  if (body.expect_sha256 !== undefined && sha256 !== null && sha256 !== body.expect_sha256)
    throw new AppError("hash_mismatch", `${placeText(to)} is not what was sent; copy it again`);
}

function extrasOf(
  { makesFolders }: Upload,
  { mode }: Source,
): Pick<WriteNodeFile, "mkdirs" | "file_mode"> {
  return {
    file_mode: `0${mode.toString(8).padStart(3, "0")}`,
    ...(makesFolders && { mkdirs: true }),
  };
}

/** @throws AppError io_error where the file has become shorter. */
async function readAt({ file }: Source, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, offset + read);
    if (bytesRead === 0)
      throw new AppError("io_error", "The file became shorter while it was copied; copy it again");
    read += bytesRead;
  }
  return buffer;
}

function isUnsupported(error: unknown): boolean {
  return isAppError(error) && error.code === "unsupported";
}

function tooLarge({ to }: Upload): AppError {
  return new AppError(
    "file_too_large",
    `Node ${to.node} speaks the base protocol, which takes files up to 10 MiB; use our client there`,
  );
}
