import { createHash } from "node:crypto";
import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { failureCode } from "@yardmaster/protocol";
import { MAX_PACK_BYTES, MAX_PACK_FILES } from "../limits.ts";

export interface ScannedFile {
  readonly path: string;
  readonly executable: boolean;
  readonly bytes: number;
}

/** What a look at a pack's folder tells without reading a file. */
export interface FolderScan {
  readonly folder: string;
  /** Changes whenever a file may have changed. */
  readonly fingerprint: string;
  readonly files: readonly ScannedFile[];
  /** Folders that hold the files, itself included. */
  readonly folders: readonly string[];
  /** What keeps the folder from being a pack; `path` is of the file that it is about. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/**
 * Lists the files of a pack: all but the hidden ones (`.git`, `.env`, editors' swap files) and Python's caches.
 * Links are taken as the file that they lead to, as long as that is inside the pack.
 * Throws the file system's error where the folder itself cannot be read.
 */
export async function scanFolder(
  folder: string,
  mostFiles: number = MAX_PACK_FILES,
): Promise<FolderScan> {
  const files: ScannedFile[] = [];
  const folders: string[] = [];
  const errors: { path: string; message: string }[] = [];
  const lines: string[] = [];
  const root = await realpath(folder);
  await walk("");
  const bytes = files.reduce((total, file) => total + file.bytes, 0);
  if (bytes > MAX_PACK_BYTES) errors.push({ path: "pack.yaml", message: tooBig(bytes) });
  if (files.length > mostFiles)
    errors.push({ path: "pack.yaml", message: `the pack has more than ${mostFiles} files` });
  const fingerprint = createHash("sha256").update(lines.sort().join("\n")).digest("hex");
  return { folder, fingerprint, files, folders, errors };

  async function walk(path: string): Promise<void> {
    folders.push(join(folder, path));
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    for (const entry of entries.filter(isVisible)) {
      if (files.length > mostFiles) return;
      const child = path === "" ? entry.name : `${path}/${entry.name}`;
      // What vanishes between the listing and the look is not there any more.
      if (entry.isDirectory()) await walk(child).catch(ignoreMissing);
      else await add(child, entry).catch(ignoreMissing);
    }
  }

  async function add(path: string, entry: Dirent): Promise<void> {
    const own = await lstat(join(folder, path));
    const facts = entry.isSymbolicLink() ? await followLink(path) : own;
    if (facts === undefined) return;
    if (!facts.isFile()) {
      errors.push({ path, message: "is neither a file nor a folder" });
      return;
    }
    const executable = (facts.mode & 0o111) !== 0;
    files.push({ path, executable, bytes: facts.size });
    lines.push(
      `${path}\0${facts.size} ${facts.mtimeMs} ${facts.ctimeMs} ${facts.ino} ${executable}`,
    );
  }

  async function followLink(path: string): Promise<Stats | undefined> {
    const target = await realpath(join(folder, path)).catch(() => undefined);
    const facts = target === undefined ? undefined : await stat(target);
    if (facts?.isFile() && target?.startsWith(root + sep)) return facts;
    const message = "is a link; a link must lead to a file inside the pack";
    errors.push({ path, message });
    lines.push(`${path}\0${message}`);
    return undefined;
  }
}

function isVisible(entry: Dirent): boolean {
  return !entry.name.startsWith(".") && entry.name !== "__pycache__";
}

function tooBig(bytes: number): string {
  const mib = (count: number): string => `${(count / 1_024 / 1_024).toFixed(1)} MiB`;
  return `the pack has ${mib(bytes)}; ${mib(MAX_PACK_BYTES)} are allowed`;
}

function ignoreMissing(error: unknown): void {
  if (failureCode(error) !== "ENOENT") throw error;
}
