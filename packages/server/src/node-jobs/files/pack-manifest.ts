import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { JobFile } from "@yardmaster/protocol/node";

/** Manifests that are kept; a pack's folder never changes. */
const MOST_KEPT = 50;

/** The files of an unpacked pack, as a node is offered them; by its folder, which is named by its digest. */
export type PackManifest = (packFolder: string) => Promise<readonly JobFile[]>;

export function createPackManifest(): PackManifest {
  const known = new Map<string, Promise<readonly JobFile[]>>();
  return (packFolder) => {
    if (packFolder === "") return Promise.resolve([]);
    const made = known.get(packFolder) ?? filesIn(packFolder, "");
    // Anew at the end: the first is the one that was not asked for longest.
    known.delete(packFolder);
    known.set(packFolder, made);
    made.catch(() => known.delete(packFolder));
    for (const folder of known.keys()) if (known.size > MOST_KEPT) known.delete(folder);
    return made;
  };
}

async function filesIn(root: string, folder: string): Promise<JobFile[]> {
  const files: JobFile[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesIn(root, path)));
    else if (entry.isFile()) files.push(await fileOf(root, path));
  }
  return files;
}

async function fileOf(root: string, path: string): Promise<JobFile> {
  const { size, mode } = await lstat(join(root, path));
  const hash = createHash("sha256");
  await pipeline(createReadStream(join(root, path)), hash);
  const isExecutable = (mode & 0o111) !== 0;
  return { path, bytes: size, sha256: hash.digest("hex"), mode: isExecutable ? "0755" : "0644" };
}
