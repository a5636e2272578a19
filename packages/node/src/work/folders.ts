import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { realPathOf, realRoots } from "./files/roots.ts";
import { codeOf, type Refusal } from "./refusal.ts";

/** Where commands may be started. */
export interface Folders {
  /** Where a fresh shell stands: the first allowed folder that is there, else home. */
  start(): string;
  /** The folder to use for a `cwd`, or why it is refused. */
  check(cwd: string): string | { readonly refusal: Refusal };
}

export function createFolders(
  allowedPaths: readonly string[],
  environment: Readonly<Record<string, string>>,
): Folders {
  return {
    start() {
      const home = environment["HOME"] ?? homedir();
      return [...allowedPaths, home].find(isFolder) ?? "/";
    },
    check(cwd) {
      if (!cwd.startsWith("/")) return rejected(`the folder "${cwd}" is not absolute`);
      const path = resolve(cwd);
      const real = realPathOf(path);
      const roots = realRoots({ allowed: allowedPaths, closed: [] });
      if (!roots.holds(real ?? nearestRealPath(path))) {
        return rejected(`the folder ${path} is outside the paths that the node's owner allows`);
      }
      if (real === undefined) return rejected(`there is no folder ${path}`);
      return entryFlaw(path) ?? path;
    },
  };
}

/** Of what leads nowhere: the nearest of the folders above it that is there, its links resolved. */
function nearestRealPath(path: string): string {
  const above = dirname(path);
  return realPathOf(above) ?? nearestRealPath(above);
}

/** Why it cannot be entered, if so. */
function entryFlaw(path: string): { readonly refusal: Refusal } | undefined {
  try {
    if (!statSync(path).isDirectory()) return rejected(`${path} is not a folder`);
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return rejected(`the folder ${path} cannot be entered (${codeOf(error)})`);
  }
}

function rejected(detail: string): { readonly refusal: Refusal } {
  return { refusal: { reason: "cwd_rejected", detail } };
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
