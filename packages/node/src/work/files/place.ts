import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { codeOf } from "../refusal.ts";
import { FileRefusal, notAllowed } from "./file-refusal.ts";
import { FOLDER, liesWithin, openWithin } from "./opened.ts";
import { type Roots, realPathOf, realRoots, type Walls } from "./roots.ts";

/** Where a file is, or will be: a folder that is open and was found to be allowed, and a name in it. */
export interface Place {
  readonly name: string;
  /** The path of a name in the open folder, wherever that has been moved meanwhile. */
  at(name: string): string;
  /** Opens a file of the folder, for which no link may stand; a new one gets the mode. Nothing of it is lost. */
  open(name: string, flags: number, mode: number): Promise<FileHandle>;
  /** Makes what was renamed in the folder outlast a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const { O_NOFOLLOW, O_NONBLOCK } = constants;

/** The place of a path that is to be written. Missing folders are made where that was asked for. */
export async function placeOf(path: string, walls: Walls, makesFolders: boolean): Promise<Place> {
  const roots = realRoots(walls);
  if (path.endsWith(sep)) throw new FileRefusal("io_error", `${path} names a folder, and no file`);
  const target = await targetOf(resolve(path));
  const folder = await openFolder(dirname(target), roots, makesFolders);
  return placeIn(folder, dirname(target), basename(target), roots);
}

/** A link that is there leads to the file that is meant. */
async function targetOf(path: string): Promise<string> {
  const real = realPathOf(path);
  if (real !== undefined) return real;
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw new FileRefusal("io_error", `${path} is a link that leads nowhere`);
  return path;
}

async function openFolder(path: string, roots: Roots, makesFolders: boolean): Promise<FileHandle> {
  const real = realPathOf(path);
  if (real !== undefined) {
    if (!roots.holds(real)) throw notAllowed(path);
    return openWithin(real, FOLDER, roots);
  }
  const parent = dirname(path);
  if (parent === path) throw notAllowed(path);
  // Allowed or not comes first: what is outside is nobody's business, not even whether it is there.
  const above = await openFolder(parent, roots, makesFolders);
  try {
    if (!makesFolders) {
      throw new FileRefusal("io_error", `the folder ${path} is not there; mkdirs makes it`);
    }
    const made = placeIn(above, parent, basename(path), roots).at(basename(path));
    await mkdir(made).catch(unlessThere);
    return await openWithin(made, FOLDER, roots);
  } finally {
    await above.close();
  }
}

function placeIn(folder: FileHandle, path: string, name: string, roots: Roots): Place {
  const isLinux = process.platform === "linux";
  // Relative to the folder that is open: whoever swaps it for a link meanwhile changes nothing.
  const base = isLinux ? `/proc/self/fd/${folder.fd}` : path;
  const at = (other: string): string => join(base, other);
  return {
    name,
    at,
    async open(other, flags, mode) {
      const handle = await open(at(other), flags | O_NOFOLLOW | O_NONBLOCK, mode);
      if (isLinux || (await liesWithin(handle, at(other), roots))) return handle;
      await handle.close();
      throw notAllowed(at(other));
    },
    sync: () => folder.sync(),
    close: () => folder.close(),
  };
}

/** Another may be making the same. */
export function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}
