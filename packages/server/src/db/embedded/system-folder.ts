import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@yardmaster/protocol";
import { pathHash } from "./socket-folder.ts";

/** Where lies what other users are to reach of root's: they cannot enter a data folder. */
export const SYSTEM_FOLDER = "/var/lib/yardmaster";

/** Open to be entered whatever the umask. */
export function ensureSystemFolder(): void {
  mkdirSync(SYSTEM_FOLDER, { recursive: true });
  chmodSync(SYSTEM_FOLDER, 0o755);
}

/**
 * A folder beside a data folder's cluster, for what a user may be led to but not look around in (0711).
 * @throws AppError `invalid_setting` where it cannot be made, or is not ours
 */
export function ensureOpenFolder(dataFolder: string, purpose: string): string {
  const path = join(SYSTEM_FOLDER, `${pathHash(dataFolder)}-${purpose}`);
  try {
    ensureSystemFolder();
    mkdirSync(path, { recursive: true });
    if (statSync(path).uid !== process.getuid?.()) throw new Error("it belongs to another user");
    chmodSync(path, 0o711);
    writeFileSync(join(path, "data-folder"), `${dataFolder}\n`, { mode: 0o600 });
    return path;
  } catch (cause) {
    const what = `The folder ${path} cannot be used (${(cause as Error).message})`;
    throw new AppError("invalid_setting", `${what}: remove it, or see that root may write there.`, {
      cause,
    });
  }
}
