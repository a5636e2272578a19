import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol";
import { canEnter, type SystemUser } from "./system-user.ts";

/** 12 hex digits that stand for a path: enough to tell data folders apart, short enough for a socket path. */
export function pathHash(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 12);
}

/** The kernel's limit for a socket path is 107 bytes on Linux, 103 on macOS; `/.s.PGSQL.5432` takes 14. */
const LONGEST_FOLDER_BYTES = 103 - 14;

/**
 * Makes the folder of the unix socket: short, in a temporary folder that `user` can enter, mode 0700 and owned
 * by `user` (root passes anyway). A folder of that name that somebody else made is not trusted; the next name
 * is taken. `preferred` is where it was last time, which joined processes still use.
 */
export function ensureSocketFolder(
  home: string,
  user: SystemUser | undefined,
  preferred: string | undefined,
): string {
  const name = `yard-${pathHash(home)}`;
  const places = [tmpdir(), "/tmp", home].flatMap((parent) =>
    ["", "-2", "-3"].map((suffix) => join(parent, name + suffix)),
  );
  for (const path of preferred ? [preferred, ...places] : places) {
    if (Buffer.byteLength(path) > LONGEST_FOLDER_BYTES || !canEnter(user, dirname(path))) continue;
    if (makeOwn(path, user)) return path;
  }
  const what = `No temporary folder is short and open enough for PostgreSQL's socket (tried ${tmpdir()}, /tmp).`;
  throw new AppError("invalid_setting", `${what} Set TMPDIR to one.`);
}

function makeOwn(path: string, user: SystemUser | undefined): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700);
    if (user) chownSync(path, user.uid, user.gid);
    return true;
  } catch (error) {
    if (failureCode(error) !== "EEXIST") return false;
  }
  const stat = lstatSync(path);
  const owner = user?.uid ?? process.getuid?.();
  return stat.isDirectory() && stat.uid === owner && (stat.mode & 0o777) === 0o700;
}

export function removeSocketFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
