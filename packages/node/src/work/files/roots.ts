import { realpathSync } from "node:fs";
import { sep } from "node:path";

/** The allowed roots with their links resolved, as they are now; those that are not there are left out. */
export function realRoots(allowedPaths: readonly string[]): string[] {
  return allowedPaths.flatMap((path) => {
    const real = realPathOf(path);
    return real === undefined ? [] : [real];
  });
}

/** The path with all links resolved, or undefined where it leads nowhere. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The root in which a path lies once its links are resolved; undefined where it lies in none, or is not there. */
export function rootOf(path: string, roots: readonly string[]): string | undefined {
  const real = realPathOf(path);
  return real === undefined ? undefined : roots.find((root) => isWithin(real, root));
}

/** Of two resolved paths: whether one is the other, or lies in it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
