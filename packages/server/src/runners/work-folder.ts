import { type Dirent, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../db/index.ts";

/** Work folders of attempts, under one root that belongs to the worker alone. */
export interface WorkFolders {
  /** An empty folder (mode 0700) that nobody else has until it is given back. */
  take(): string;
  /**
   * Takes a folder back: an empty one serves again, others are removed with all that they hold. `suspect` says that
   * processes may have outlived the attempt; such a folder never serves again. Never rejects: what cannot be removed
   * is told.
   */
  giveBack(folder: string, suspect?: boolean): Promise<void>;
}

/** Folders are used again since making and removing one costs a quarter of a process start, looking into one a hundredth. */
export function createWorkFolders(root: string, log: Pick<Log, "warn">): WorkFolders {
  const free: string[] = [];
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return {
    take: () => free.pop() ?? mkdtempSync(join(root, "work-")),
    async giveBack(folder, suspect = false) {
      if (!suspect && isEmpty(folder)) free.push(folder);
      else await remove(folder).catch((error: unknown) => tell(folder, error));
    },
  };

  /** Of another user, as what a container has written that the attempt started. */
  function tell(folder: string, error: unknown): void {
    log.warn({ err: error, folder }, "a work folder cannot be removed; remove it by hand");
  }
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false; // The action removed it, or took away the right to read it.
  }
}

/** Whatever rights the action has given to what it left: caches of modules are often read-only. */
async function remove(folder: string): Promise<void> {
  try {
    await removeAll(folder);
  } catch {
    await openFolders(folder);
    await removeAll(folder);
  }
}

function removeAll(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Lets the owner into every folder. Links are not followed. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => {});
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}
