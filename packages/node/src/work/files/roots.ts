import { realpathSync } from "node:fs";
import { sep } from "node:path";

/** Where files may be read and written: below what is allowed, but for what is closed. */
export interface Walls {
  readonly allowed: readonly string[];
  /** The node's own folder: with its token, and the very list of what is allowed. */
  readonly closed: readonly string[];
}

/** Walls with their links resolved, as they are now; what is not there is left out. */
export interface Roots {
  /** Of a resolved path. */
  holds(real: string): boolean;
}

export function realRoots({ allowed, closed }: Walls): Roots {
  const [open, shut] = [allowed.flatMap(whatIsThere), closed.flatMap(whatIsThere)];
  const isIn = (real: string, roots: readonly string[]): boolean =>
    roots.some((root) => isWithin(real, root));
  return { holds: (real) => isIn(real, open) && !isIn(real, shut) };
}

function whatIsThere(path: string): string[] {
  const real = realPathOf(path);
  return real === undefined ? [] : [real];
}

/** The path with all links resolved, or undefined where it leads nowhere. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** Of two resolved paths: whether one is the other, or lies in it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
