import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { failureOfListed, pathTest } from "@yardmaster/protocol/core";
import { type CollectedFile, type CollectLimits, NODE_LIMITS } from "@yardmaster/protocol/node";
import { hashOf } from "./content-store.ts";

interface Found {
  readonly path: string;
  readonly bytes: number;
}

const NO_LIMITS: CollectLimits = {
  files: NODE_LIMITS.jobFiles,
  file_bytes: Number.MAX_SAFE_INTEGER,
  bytes: Number.MAX_SAFE_INTEGER,
};

const TOO_MUCH = "TOO_MUCH";

/** Whether this is what `collectFiles` throws where files are too many or too large. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === TOO_MUCH;
}

/**
 * The regular files of a folder that match one of the globs, by path, with their checksums. Links are not
 * followed. @throws Error (`isTooMuch`) where they are beyond the limits: then nothing of them was read
 */
export async function collectFiles(
  folder: string,
  globs: readonly string[],
  limits: CollectLimits = NO_LIMITS,
): Promise<CollectedFile[]> {
  if (globs.length === 0) return [];
  const collected: CollectedFile[] = [];
  for (const { path } of await find(folder, globs, limits))
    collected.push(await describe(folder, path));
  return collected;
}

async function find(
  folder: string,
  globs: readonly string[],
  limits: CollectLimits,
): Promise<Found[]> {
  const wanted = globs.map((glob) => pathTest(glob));
  const found: Found[] = [];
  let total = 0;
  for await (const path of filesIn(folder, "")) {
    if (!wanted.some((isWanted) => isWanted(path))) continue;
    const { size: bytes } = await lstat(join(folder, path)).catch((failure: unknown) => {
      throw failureOfListed(path, failure);
    });
    total += bytes;
    if (found.length >= limits.files)
      throw tooMuch(`more than ${limits.files} files match ${globs.join(", ")}`);
    if (bytes > limits.file_bytes)
      throw tooMuch(`${path} has ${bytes} bytes; a file may have ${limits.file_bytes}`);
    if (total > limits.bytes)
      throw tooMuch(`with ${path} the files have ${total} bytes; at most are ${limits.bytes}`);
    found.push({ path, bytes });
  }
  return found;
}

function tooMuch(message: string): Error {
  return Object.assign(new Error(message), { code: TOO_MUCH });
}

async function* filesIn(root: string, folder: string): AsyncGenerator<string> {
  const entries: Dirent[] = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(root, path);
    else if (entry.isFile()) yield path;
  }
}

async function describe(root: string, path: string): Promise<CollectedFile> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(root, path), flags);
  try {
    const { size, mode } = await file.stat();
    const kept = (mode & 0o100) === 0 ? "0644" : "0755";
    return { path, bytes: size, sha256: await hashOf(file), mode: kept };
  } finally {
    await file.close();
  }
}
