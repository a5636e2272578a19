import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, open, rename, rm, stat } from "node:fs/promises";
import type { RunFile } from "@yardmaster/protocol";
import { AppError, sizeText } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";

export interface Fetch {
  readonly run: string;
  readonly file: RunFile;
  /** Where it goes. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

export interface Fetched {
  /** Were there from an earlier fetch that was cut off. */
  readonly resumedBytes: number;
}

/**
 * Fetches a file of a run. It gathers beside its place, under a name with its checksum, and takes the place when it is
 * whole and what its checksum says; what was cut off is gone on with the next time.
 */
export async function fetchFile(client: Client, fetch: Fetch): Promise<Fetched> {
  const { file, target } = fetch;
  const part = `${target}.yard-part-${file.sha256.slice(0, 12)}`;
  const resumedBytes = await usableBytes(part, file.bytes);
  const hash = createHash("sha256");
  if (resumedBytes > 0) await hashFile(hash, part);
  try {
    await append(client, fetch, part, resumedBytes, hash);
  } catch (error) {
    if (!isFull(error)) throw error;
    await rm(part, { force: true });
    throw noRoom(target, file, error);
  }
  if (hash.digest("hex") !== file.sha256) {
    await rm(part, { force: true });
    const message = `${file.path} arrived as something else than its checksum says; fetch it again`;
    throw new AppError("hash_mismatch", message);
  }
  await chmod(part, Number.parseInt(file.mode, 8) & ~process.umask());
  await rename(part, target);
  return { resumedBytes };
}

function isFull(error: unknown): error is NodeJS.ErrnoException {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** What would be gone on with would keep the disk full, and the server has it all the same. */
function noRoom(target: string, { bytes }: RunFile, cause: NodeJS.ErrnoException): AppError {
  const what = `There is no room for ${target}, ${sizeText(bytes)} (${cause.code})`;
  const hint = "what had arrived of it was removed: make room, and fetch it again";
  return new AppError("io_error", `${what}; ${hint}`, { cause });
}

async function append(
  client: Client,
  { run, file, signal, onProgress }: Fetch,
  part: string,
  from: number,
  hash: Hash,
): Promise<void> {
  const handle = await open(part, from > 0 ? "r+" : "w", 0o600);
  try {
    let at = from;
    for await (const piece of client.runs.readFile(run, file, { from, signal })) {
      await handle.write(piece, 0, piece.length, at);
      hash.update(piece);
      at += piece.length;
      onProgress(at, file.bytes);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function usableBytes(part: string, most: number): Promise<number> {
  const found = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  return found <= most ? found : 0;
}

async function hashFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
}
