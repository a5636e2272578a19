import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, lchownSync, readdirSync } from "node:fs";
import { lstat, rm, rmdir } from "node:fs/promises";
import { idsOf, type RunAs } from "./run-as.ts";

/*
 * Work folders of programs that are run as another user. What root does in a folder that such a program may write into
 * can be turned elsewhere by links: so a folder is root's (0700) while root puts files into it, the user's from the
 * start of the program on, and what is in it is removed by the user.
 */

/** From now on it is the user's. */
export function handOver(folder: string, user: RunAs): void {
  chownSync(folder, user.uid, user.gid);
}

/**
 * Nobody but root may enter it any more; what was started in it may still be there.
 * @throws Error where something is in it: root must not write among what others left
 */
export function takeBack(folder: string): void {
  chownSync(folder, 0, 0);
  const [first] = readdirSync(folder);
  if (first !== undefined) throw new Error(`${first} is in the work folder already`);
}

/** Gives the user a file or folder that root has just made in a folder of root's. */
export function giveMade(path: string, user: RunAs): void {
  lchownSync(path, user.uid, user.gid);
}

const EMPTY = 'cd -- "$1" && { chmod -R u+rwX . ; rm -rf -- ..?* .[!.]* * ; } 2>/dev/null';

/** Removes a work folder with what was left in it. @throws Error where that is not the user's to remove */
export async function removeUsersFolder(folder: string, user: RunAs): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return;
  if (found.uid !== user.uid) return await rm(folder, { recursive: true, force: true });
  const child = spawn("/bin/sh", ["-c", EMPTY, "sh", folder], {
    ...idsOf(user),
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: "ignore",
  });
  await once(child, "exit");
  await rmdir(folder);
}
