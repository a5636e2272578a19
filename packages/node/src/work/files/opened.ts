import { constants, type Stats } from "node:fs";
import { type FileHandle, open, readlink, realpath, stat } from "node:fs/promises";
import { notAllowed } from "./file-refusal.ts";
import type { Roots } from "./roots.ts";

/*
 * Between looking at a path and opening it, somebody may put a link into it. So what was opened is looked at, not
 * what was asked for: Linux tells of every open file where it lies; elsewhere the path must lead to the very same
 * file once more. Nothing is read, written or made before that.
 */

/** The flags that open a folder, and nothing else. */
export const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

/** Opens a resolved path that no link may stand for, and makes sure that it lies where files may be. */
export async function openWithin(path: string, flags: number, roots: Roots): Promise<FileHandle> {
  const handle = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await liesWithin(handle, path, roots))) throw notAllowed(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function liesWithin(handle: FileHandle, path: string, roots: Roots): Promise<boolean> {
  if (process.platform === "linux") {
    const where = await readlink(`/proc/self/fd/${handle.fd}`);
    return roots.holds(where);
  }
  const real = await realpath(path);
  if (!roots.holds(real)) return false;
  return isSame(await handle.stat(), await stat(real));
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
