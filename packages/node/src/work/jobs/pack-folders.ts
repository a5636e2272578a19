import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { chmod, mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { JobFile } from "@yardmaster/protocol/node";
import type { ContentStore } from "./content-store.ts";
import { layFile } from "./lay-file.ts";
import { removeTree } from "./remove-tree.ts";

/** The files that came with a job, laid out; one folder for all jobs with the same files. */
export interface PackFolders {
  /** @throws Error where a file cannot be laid out, or is not what its checksum says */
  take(files: readonly JobFile[]): Promise<PackFolder>;
}

export interface PackFolder {
  readonly path: string;
  /** The job needs it no longer. */
  release(): void;
}

interface Laid {
  readonly path: string;
  readonly marks: ReadonlyMap<string, string>;
  users: number;
  lastUsed: number;
}

/** The bits of a mode that a file of the pack keeps. */
const READ_ONLY = 0o555;
/** Folders that no job uses and that are kept for the next one. */
const UNUSED_MOST = 16;

/**
 * The files are read-only, and still a job can change them: it runs as the same user. What was changed (any write,
 * change of rights or new link moves a file's ctime, which nobody sets) is laid out anew for the next job.
 */
export function createPackFolders(folder: string, store: ContentStore): PackFolders {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const laid = new Map<string, Promise<Laid>>();
  let made = 0;

  const tidy = async (): Promise<void> => {
    const all = await Promise.all(
      [...laid].map(async ([digest, laying]) => ({
        digest,
        entry: await laying.catch(() => undefined),
      })),
    );
    const unused = all
      .flatMap(({ digest, entry }) => (entry?.users === 0 ? [{ digest, entry }] : []))
      .sort((a, b) => b.entry.lastUsed - a.entry.lastUsed);
    for (const { digest, entry } of unused.slice(UNUSED_MOST)) {
      // A job may have taken it while those before it were removed.
      if (entry.users > 0) continue;
      laid.delete(digest);
      await removeTree(entry.path);
    }
  };

  const release = (entry: Laid, isCurrent: () => boolean): void => {
    entry.users -= 1;
    entry.lastUsed = performance.now();
    if (entry.users > 0) return;
    void (isCurrent() ? tidy() : removeTree(entry.path)).catch(() => {});
  };

  const layOut = async (files: readonly JobFile[]): Promise<Laid> => {
    made += 1;
    const path = join(folder, String(made));
    const draft = `${path}.new`;
    await mkdir(draft, { mode: 0o700 });
    for (const file of files) await layFile(draft, file, store, READ_ONLY);
    await rename(draft, path);
    for (const inner of foldersOf(files)) await chmod(join(path, inner), 0o555);
    return { path, marks: marksOf(path, files), users: 0, lastUsed: 0 };
  };

  return {
    async take(files) {
      const digest = digestOf(files);
      const before = await laid.get(digest)?.catch(() => undefined);
      if (before === undefined || !isUnchanged(before, files)) {
        laid.set(digest, layOut(files));
        if (before?.users === 0) await removeTree(before.path);
      }
      const laying = laid.get(digest) as Promise<Laid>;
      const entry = await laying.catch((error: unknown) => {
        if (laid.get(digest) === laying) laid.delete(digest);
        throw error;
      });
      entry.users += 1;
      return {
        path: entry.path,
        release: () => release(entry, () => laid.get(digest) === laying),
      };
    },
  };
}

function digestOf(files: readonly JobFile[]): string {
  const lines = files.map(({ path, sha256, mode }) => `${path}\0${sha256}\0${mode}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

function foldersOf(files: readonly JobFile[]): Set<string> {
  const folders = new Set<string>(["."]);
  for (const { path } of files) {
    for (let at = dirname(path); at !== "."; at = dirname(at)) folders.add(at);
  }
  return folders;
}

/** What changes with a file: by path, also of the folders in which something could be put or taken away. */
function marksOf(root: string, files: readonly JobFile[]): Map<string, string> {
  const paths = [...foldersOf(files), ...files.map(({ path }) => path)];
  return new Map(paths.map((path) => [path, markOf(lstatSync(join(root, path)))]));
}

function markOf({ ino, ctimeMs, size, mode }: Stats): string {
  return `${ino} ${ctimeMs} ${size} ${mode}`;
}

function isUnchanged({ path, marks }: Laid, files: readonly JobFile[]): boolean {
  try {
    const now = marksOf(path, files);
    return [...marks].every(([file, mark]) => now.get(file) === mark);
  } catch {
    return false; // A file is gone.
  }
}
