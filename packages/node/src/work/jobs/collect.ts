import { constants, type Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathTest } from "@yardmaster/protocol/core";
import { type CollectedFile, NODE_LIMITS } from "@yardmaster/protocol/node";
import { hashOf } from "./content-store.ts";

/**
 * The regular files of a folder that match one of the globs, by path, with their checksums. Links are not
 * followed. @throws Error where they are too many
 */
export async function collectFiles(
  folder: string,
  globs: readonly string[],
): Promise<CollectedFile[]> {
  if (globs.length === 0) return [];
  const wanted = globs.map(pathTest);
  const found: CollectedFile[] = [];
  for await (const path of filesIn(folder, "")) {
    if (!wanted.some((glob) => glob(path))) continue;
    if (found.length >= NODE_LIMITS.jobFiles) {
      throw new Error(`more than ${NODE_LIMITS.jobFiles} files match ${globs.join(", ")}`);
    }
    found.push(await describe(folder, path));
  }
  return found;
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
    const { size } = await file.stat();
    return { path, bytes: size, sha256: await hashOf(file) };
  } finally {
    await file.close();
  }
}
