import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { FileRefusal } from "./file-refusal.ts";
import { FOLDER, openWithin } from "./opened.ts";
import { placeOf, unlessThere } from "./place.ts";
import { realPathOf, realRoots, type Walls } from "./roots.ts";
import { modeOf, type WriteFrame } from "./write-file.ts";

/**
 * Makes a folder, unless it is there. It gets the mode that is asked for, whatever the node's umask is.
 * @throws FileRefusal, or a system error
 */
export async function makeFolder(frame: WriteFrame, walls: Walls): Promise<void> {
  const path = resolve(frame.path);
  const isThere = realPathOf(path) !== undefined;
  if (!isThere) await makeAt(path, frame, walls);
  const folder = await openWithin(realPathOf(path) ?? path, FOLDER, realRoots(walls));
  try {
    if (isThere && frame.mode === "create") {
      throw new FileRefusal("file_exists", `${frame.path} already exists`);
    }
    const mode = modeOf(frame);
    if (mode !== undefined) await folder.chmod(mode);
  } finally {
    await folder.close();
  }
}

async function makeAt(path: string, frame: WriteFrame, walls: Walls): Promise<void> {
  const place = await placeOf(path, walls, frame.mkdirs === true);
  try {
    const made = mkdir(place.at(place.name), modeOf(frame));
    await (frame.mode === "create" ? made : made.catch(unlessThere));
    await place.sync();
  } finally {
    await place.close();
  }
}
