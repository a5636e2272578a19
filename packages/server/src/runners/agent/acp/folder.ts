import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Longer paths are none (PATH_MAX of Linux): each part of one is looked at. */
const MAX_PATH_CHARS = 4_096;

/**
 * Whether a path, of a file that may not be there yet, leads into the folder, links followed. What cannot be looked at
 * does not.
 */
export function createInside(folder: string): (path: string) => boolean {
  const root = realOf(folder);
  return (path) => {
    if (root === undefined || path.length > MAX_PATH_CHARS || path.includes("\0")) return false;
    const real = realOf(resolve(folder, path));
    if (real === undefined) return false;
    const way = relative(root, real);
    return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    // A link that leads nowhere yet is where the file would be written.
    if (!isMissing(error) || isThere(path)) return undefined;
  }
  const above = dirname(path) === path ? undefined : realOf(dirname(path));
  return above === undefined ? undefined : join(above, basename(path));
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
