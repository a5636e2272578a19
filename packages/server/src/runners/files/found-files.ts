import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { failureOfListed, pathTest, STEP_FILE_LIMITS } from "@yardmaster/protocol";
import type { ListedFile } from "./listed-files.ts";

export interface FoundFile extends ListedFile {
  readonly isExecutable: boolean;
}

/**
 * The regular files of a folder that match one of the globs, by path. Links are not followed. Of too many, one more
 * than is allowed.
 */
export async function findFiles(root: string, globs: readonly string[]): Promise<FoundFile[]> {
  const wanted = globs.map((glob) => pathTest(glob));
  const found: FoundFile[] = [];
  for await (const path of filesIn(root, "")) {
    if (!wanted.some((isWanted) => isWanted(path))) continue;
    const { size, mode } = await lstat(join(root, path)).catch((failure: unknown) => {
      throw failureOfListed(path, failure);
    });
    found.push({ path, bytes: size, isExecutable: (mode & 0o100) !== 0 });
    if (found.length > STEP_FILE_LIMITS.files) break;
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
