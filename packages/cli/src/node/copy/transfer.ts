import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError, isAppError } from "@yardmaster/protocol/core";
import { makeFolders } from "../../make-folders.ts";
import type { Download, TransferDeps, Transferred, Upload } from "./copy.types.ts";
import { download } from "./download.ts";
import { type LocalPlace, type NodePlace, type Place, placeText } from "./place.ts";
import { upload } from "./upload.ts";

/** Copies one file, from here, to here, or from node to node. @throws AppError */
export async function transfer(
  deps: TransferDeps,
  { from, to }: { readonly from: Place; readonly to: Place },
  makesFolders: boolean,
): Promise<Transferred> {
  if (from.node === null) return await send(deps, { from, to: to as NodePlace, makesFolders });
  if (to.node !== null) return await through(deps, { from, to }, makesFolders);
  await requireFolder(to, makesFolders);
  return await fetch(deps, { from, to, keepsPart: true });
}

/** Of a place on a node it is known when its file is asked for that it is a folder. */
async function fetch(deps: TransferDeps, plan: Download): Promise<Transferred> {
  return await download(deps, plan).catch((error: unknown) => {
    throw isFolderError(error) ? isWholeFolder(placeText(plan.from)) : error;
  });
}

async function send(deps: TransferDeps, plan: Upload): Promise<Transferred> {
  return await upload(deps, plan).catch((error: unknown) => {
    const place = placeText(plan.to);
    if (isAppError(error) && error.code === "path_not_allowed")
      throw new AppError(error.code, `${error.message}; to copy into a folder, write ${place}/`);
    if (!isFolderError(error)) throw error;
    throw new AppError("invalid_request", `${place} is a folder; write ${place}/ to copy into it`);
  });
}

function isFolderError(error: unknown): boolean {
  return isAppError(error) && error.code === "is_folder";
}

/** From one node to another, by way of this machine. */
async function through(
  deps: TransferDeps,
  { from, to }: { readonly from: NodePlace; readonly to: NodePlace },
  makesFolders: boolean,
): Promise<Transferred> {
  const folder = await mkdtemp(join(tmpdir(), "yard-cp-"));
  try {
    const here: LocalPlace = { node: null, path: join(folder, "file") };
    await fetch(deps, { from, to: here, keepsPart: false });
    return await send(deps, { from: here, to, makesFolders });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function requireFolder({ path }: LocalPlace, makesFolders: boolean): Promise<void> {
  const folder = dirname(path);
  if (makesFolders) return void (await makeFolders(folder));
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new AppError("not_found", `There is no folder ${folder}; --mkdirs makes it`);
}

export function isWholeFolder(place: string): AppError {
  return new AppError("invalid_request", `${place} is a folder; add -r to copy it whole`);
}
