import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** Work folders of attempts, under one root that belongs to the worker alone. */
export interface WorkFolders {
  /** An empty folder (mode 0700) that nobody else has until it is given back. */
  take(): string;
  /**
   * Takes a folder back: an empty one serves again, others are removed with all that they hold.
   * `suspect` says that processes may have outlived the attempt; such a folder never serves again.
   */
  giveBack(folder: string, suspect?: boolean): Promise<void>;
}

/** Folders are used again since making and removing one costs a quarter of a process start, looking into one a hundredth. */
export function createWorkFolders(root: string): WorkFolders {
  const free: string[] = [];
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return {
    take: () => free.pop() ?? mkdtempSync(join(root, "work-")),
    async giveBack(folder, suspect = false) {
      if (!suspect && isEmpty(folder)) free.push(folder);
      else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false; // The action removed it, or took away the right to read it.
  }
}
