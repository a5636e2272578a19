import { existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { failureCode } from "@yardmaster/protocol";
import type { Log } from "../../db/index.ts";
import type { RunAs } from "../run-as/run-as.ts";
import { removeUsersFolder } from "../run-as/user-folders.ts";
import { removeFolder } from "./remove-folder.ts";

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

/**
 * Folders are used again since making and removing one costs a quarter of a process start, looking into one a
 * hundredth; but not those of another user, who may have something at work in them.
 */
export function createWorkFolders(
  root: string,
  log: Pick<Log, "warn">,
  user?: RunAs | undefined,
): WorkFolders {
  const free: string[] = [];
  makeRoot();
  return {
    take: () => freeFolder() ?? newFolder(),
    async giveBack(folder, suspect = false) {
      if (!suspect && user === undefined && isEmpty(folder)) free.push(folder);
      else await remove(folder).catch((error: unknown) => tell(folder, error));
    },
  };

  function makeRoot(): void {
    mkdirSync(root, { recursive: true, mode: user === undefined ? 0o700 : 0o711 });
  }

  function remove(folder: string): Promise<void> {
    return user === undefined ? removeFolder(folder) : removeUsersFolder(folder, user);
  }

  function freeFolder(): string | undefined {
    for (;;) {
      const folder = free.pop();
      if (folder === undefined || existsSync(folder)) return folder;
    }
  }

  /** Who cleans up on this machine takes the root away from under us: else no process would begin here any more. */
  function newFolder(): string {
    try {
      return mkdtempSync(join(root, "work-"));
    } catch (error) {
      if (failureCode(error) !== "ENOENT") throw error;
      makeRoot();
      return mkdtempSync(join(root, "work-"));
    }
  }

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
