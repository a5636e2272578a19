import type { Dirent } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes a folder that actions have worked in, whatever rights they have given to what they left: caches of modules
 * are often read-only.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await removeAll(folder);
  } catch {
    await openFolders(folder);
    await removeAll(folder);
  }
}

function removeAll(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Lets the owner into every folder. Links are not followed. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => {});
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}
