import { chmod } from "node:fs/promises";
import { resolve } from "node:path";
import { isAppError } from "@yardmaster/protocol/core";
import { makeFolders } from "../../make-folders.ts";
import { type FileCalls, patiently } from "./patience.ts";
import { below, type LocalPlace, type NodePlace, type Place } from "./place.ts";
import type { Folder } from "./walk.ts";

interface FoldersDeps {
  readonly calls: FileCalls;
  readonly signal: AbortSignal;
}

/** Who fills a folder must be able to, whatever its mode will be. */
const FILLING = 0o700;

export interface Laid {
  /** The node makes them only for its files. */
  readonly isLeftToFiles: boolean;
  /** Once all is in them: takes from the owner what the mode at the source does not give. */
  finish(): Promise<void>;
}

/** Makes the folders of a copy, each with the mode at its source. One that is there stays as it is. */
export async function layFolders(
  deps: FoldersDeps,
  to: Place,
  folders: readonly Folder[],
): Promise<Laid> {
  const made: Folder[] = [];
  for (const folder of folders) {
    deps.signal.throwIfAborted();
    const outcome = await make(deps, below(to, folder.path), folder.mode | FILLING);
    if (outcome === "unsupported") return { isLeftToFiles: true, finish: async () => {} };
    if (outcome === "made" && (folder.mode & FILLING) !== FILLING) made.unshift(folder);
  }
  return {
    isLeftToFiles: false,
    async finish() {
      for (const { path, mode } of made) await setMode(deps, below(to, path), mode);
    },
  };
}

type Outcome = "made" | "there" | "unsupported";

function make(deps: FoldersDeps, place: Place, mode: number): Promise<Outcome> {
  return place.node === null ? makeHere(place, mode) : makeThere(deps, place, mode);
}

async function makeHere({ path }: LocalPlace, mode: number): Promise<Outcome> {
  const isNew = (await makeFolders(path)).includes(resolve(path));
  if (isNew) await chmod(path, mode);
  return isNew ? "made" : "there";
}

async function makeThere(
  { calls, signal }: FoldersDeps,
  { node, path }: NodePlace,
  mode: number,
): Promise<Outcome> {
  const folder = {
    path,
    folder: true,
    mode: "create",
    mkdirs: true,
    file_mode: octal(mode),
  } as const;
  try {
    await patiently(() => calls.write(node, folder, { signal }), signal);
    return "made";
  } catch (error) {
    const code = isAppError(error) ? error.code : undefined;
    if (code === "file_exists") return "there";
    if (code === "unsupported") return "unsupported";
    throw error;
  }
}

async function setMode({ calls, signal }: FoldersDeps, place: Place, mode: number): Promise<void> {
  if (place.node === null) return await chmod(place.path, mode);
  const { node, path } = place;
  const folder = { path, folder: true, file_mode: octal(mode) };
  await patiently(() => calls.write(node, folder, { signal }), signal);
}

function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")}`;
}
