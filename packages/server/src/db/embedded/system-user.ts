import { statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "@yardmaster/protocol";
import { passwdUsers } from "../../passwd.ts";

/** Who runs PostgreSQL, when that is not who runs us. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** An own user if the administrator made one, else those that every system has. */
const CANDIDATES = ["yardmaster", "nobody", "daemon", "postgres"];

/**
 * PostgreSQL refuses root, and initdb a user without a passwd entry. Undefined when we are no root: then it
 * runs as we do. A cluster that exists keeps the user that it was made by.
 */
export function postgresUser(clusterPath: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(clusterPath, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = passwdUsers().filter(({ uid, gid }) => uid > 0 && gid > 0);
  for (const name of CANDIDATES) {
    const user = users.findLast((each) => each.name === name);
    if (user) return { uid: user.uid, gid: user.gid };
  }
  const what = `PostgreSQL may not run as root, and none of ${CANDIDATES.join(", ")} is in /etc/passwd.`;
  throw new AppError("invalid_setting", `${what} Add a user "yardmaster", or set DATABASE_URL.`);
}

/** Whether the user may enter a folder and all above it, judged by modes (a home of 0700 is closed). */
export function canEnter(user: SystemUser | undefined, folder: string): boolean {
  if (!user) return true;
  for (let path = folder; ; path = dirname(path)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || !mayUse(user, stat, 0o1)) return false;
    if (path === dirname(path)) return true;
  }
}

/** `wanted`: the permission bits of one class (read 4, execute 1). */
export function mayUse(
  user: SystemUser,
  stat: { readonly uid: number; readonly gid: number; readonly mode: number },
  wanted: number,
): boolean {
  const shift = stat.uid === user.uid ? 6 : stat.gid === user.gid ? 3 : 0;
  return ((stat.mode >> shift) & wanted) === wanted;
}
