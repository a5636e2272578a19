import type { Stats } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import { makeFolders } from "./make-folders.ts";

const OTHERS = 0o077;

/**
 * Makes a folder that only its owner may enter. One that is there keeps its rights.
 * @throws AppError `invalid_setting`
 */
export async function makeOwnerFolder(path: string): Promise<void> {
  await makeFolders(path, 0o700).catch((cause: unknown) => {
    const what = `the node's folder ${path} cannot be made (${messageOf(cause)})`;
    throw new AppError("invalid_setting", `${what}: name another with --state`, { cause });
  });
}

/** Why a file that holds a secret may not be read: others may read or change it. Undefined where all is well. */
export function exposureOf(
  path: string,
  { mode, uid }: Pick<Stats, "mode" | "uid">,
): string | undefined {
  if (process.platform === "win32") return undefined;
  const me = process.getuid?.();
  if (me !== undefined && me !== 0 && uid !== me) return `${path} belongs to another user`;
  if ((mode & OTHERS) === 0) return undefined;
  const rights = (mode & 0o777).toString(8).padStart(4, "0");
  return `${path} may be read or changed by others (mode ${rights}); run: chmod 600 ${path}`;
}

/**
 * Puts a file in place at once and for good: a reader sees the old one or the new one, also after a power cut. Only
 * its owner may read it.
 */
export async function writeOwnerFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = await open(draft, "w", 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw new AppError("internal", `${path} could not be written: ${messageOf(cause)}`, { cause });
  }
}

/** Some file systems cannot do it; the rename has then been said to be enough. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  await folder.sync().catch(() => {});
  await folder.close();
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
