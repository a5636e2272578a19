import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@yardmaster/protocol";
import type { Log } from "../log.ts";
import { clusterPath } from "./cluster.ts";
import { type EmbeddedRecord, readEmbeddedRecord, writeEmbeddedRecord } from "./record.ts";
import { pathHash } from "./socket-folder.ts";
import { ensureSystemFolder, SYSTEM_FOLDER } from "./system-folder.ts";

/**
 * The folder of a data folder's cluster, made if need be, and what is known of it. The record is written
 * before the folder, so that no start can lose sight of one.
 * @throws AppError `invalid_setting` when a cluster was made but is gone: an empty one would hide the loss.
 */
export function ensureHome(dataFolder: string, log: Log): EmbeddedRecord {
  let record = readEmbeddedRecord(dataFolder);
  if (record?.url && !existsSync(clusterPath(record.home)))
    throw clusterGone(dataFolder, record.home);
  if (!record) {
    record = { home: newHome(dataFolder, log) };
    writeEmbeddedRecord(dataFolder, record);
  }
  makeHome(record.home, dataFolder);
  return record;
}

function makeHome(home: string, dataFolder: string): void {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) ensureSystemFolder();
  mkdirSync(home, { recursive: true });
  const owner = statSync(home).uid;
  if (owner !== (process.getuid?.() ?? owner)) {
    const what = `The database in ${home} was made by another user (uid ${owner}).`;
    throw new AppError("invalid_setting", `${what} Start as that user, or set another YARD_DATA.`);
  }
  chmodSync(home, isRoot ? 0o711 : 0o700);
  if (isRoot) writeFileSync(join(home, "data-folder"), `${dataFolder}\n`);
}

function newHome(dataFolder: string, log: Log): string {
  if (process.getuid?.() !== 0) return join(dataFolder, "postgres");
  const base = join(SYSTEM_FOLDER, pathHash(dataFolder));
  for (let count = 1; ; count++) {
    const home = count === 1 ? base : `${base}-${count}`;
    if (!existsSync(home)) return home;
    log.warn(
      { folder: home },
      "an earlier data folder of this path left its database here; it is not used",
    );
  }
}

function clusterGone(dataFolder: string, home: string): AppError {
  const what = `The database of ${dataFolder} lies in ${home}, but that is gone.`;
  const hint =
    "Bring it back, or delete postgres.json in the data folder to begin with an empty one.";
  return new AppError("invalid_setting", `${what} ${hint}`);
}
