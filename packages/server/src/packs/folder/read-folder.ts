import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { failureCode } from "@yardmaster/protocol";
import { digestOf, type PackContent, type PackFile, sha256, sortByPath } from "../digest.ts";
import { type FolderScan, scanFolder } from "./scan-folder.ts";

const MAX_READS = 5;

export type ReadFolder =
  | { readonly ok: true; readonly scan: FolderScan; readonly content: PackContent }
  | { readonly ok: false; readonly scan: FolderScan; readonly errors: FolderScan["errors"] };

/**
 * Reads all files of a pack as they were at one moment: what changes meanwhile is read again, so that half of a
 * `git checkout` is never taken for a version.
 */
export async function readFolder(first: FolderScan): Promise<ReadFolder> {
  let scan = first;
  try {
    for (let reads = 0; reads < MAX_READS; reads++) {
      if (scan.errors.length > 0) return { ok: false, scan, errors: scan.errors };
      const content = await readAll(scan).catch(ignoreVanished);
      const after = await scanFolder(scan.folder);
      if (content !== undefined && after.fingerprint === scan.fingerprint)
        return { ok: true, scan, content };
      scan = after;
    }
    return unread(scan, "the folder keeps changing while it is read");
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return unread(scan, `${path ?? scan.folder} cannot be read (${code})`);
  }
}

function unread(scan: FolderScan, message: string): ReadFolder {
  return { ok: false, scan, errors: [{ path: "pack.yaml", message }] };
}

async function readAll(scan: FolderScan): Promise<PackContent> {
  const files: PackFile[] = [];
  const contents = new Map<string, Buffer>();
  for (const { path, executable } of sortByPath(scan.files)) {
    const content = await readFile(join(scan.folder, path));
    const hash = sha256(content);
    contents.set(hash, content);
    files.push({ path, executable, bytes: content.length, sha256: hash });
  }
  return { digest: digestOf(files), files, contents };
}

function ignoreVanished(error: unknown): undefined {
  if (failureCode(error) !== "ENOENT") throw error;
}
