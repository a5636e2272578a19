import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../db/index.ts";
import { removeFolder } from "./remove-folder.ts";

const LOOK_EVERY_MS = 600_000;
/**
 * So long a root without a sign of life is that of a process that was killed. By its age: whoever else shares the data
 * folder may be in a container, where the number of a process says nothing.
 */
const LEFT_AFTER_MS = 24 * 3_600_000;

export interface WorkRoot {
  /** Of this process alone. */
  readonly path: string;
  /** Removes it with all that is left in it. */
  close(): Promise<void>;
}

/** Who else may be led to what is in a folder, and who may not. */
const CLOSED = 0o700;
const OPEN = 0o711;

/**
 * A root for the work folders of this process below `parent`; takes away what killed ones have left there. `isOpen`:
 * those are other users'.
 */
export function openWorkRoot(
  parent: string,
  log: Pick<Log, "warn" | "info">,
  { isOpen = false } = {},
): WorkRoot {
  const mode = isOpen ? OPEN : CLOSED;
  mkdirSync(parent, { recursive: true, mode });
  const path = mkdtempSync(join(parent, `${process.pid}-`));
  if (isOpen) for (const folder of [parent, path]) chmodSync(folder, mode);
  let looking = look();
  const timer = setInterval(() => {
    looking = look();
  }, LOOK_EVERY_MS).unref();

  async function look(): Promise<void> {
    const now = new Date();
    try {
      await utimes(path, now, now);
      for (const name of await readdir(parent)) await removeIfLeft(join(parent, name), now);
    } catch (error) {
      log.warn({ err: error, folder: parent }, "what killed processes left cannot be removed");
    }
  }

  async function removeIfLeft(root: string, now: Date): Promise<void> {
    const found = await stat(root).catch(() => undefined);
    if (found === undefined || now.getTime() - found.mtimeMs < LEFT_AFTER_MS) return;
    await removeFolder(root);
    log.info({ folder: root }, "removed what a killed process had left");
  }

  return {
    path,
    async close() {
      clearInterval(timer);
      await looking;
      await removeFolder(path);
    },
  };
}
