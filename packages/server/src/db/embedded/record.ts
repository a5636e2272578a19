import { rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { AppError } from "@yardmaster/protocol";
import { readJsonFile, writePrivateFile } from "../data-folder/data-folder.ts";

/** `postgres.json` in the data folder: where its PostgreSQL lies, and how to reach it. */
export interface EmbeddedRecord {
  /** Folder of the cluster: in the data folder, or below /var/lib/yardmaster when started by root. */
  readonly home: string;
  /** From here on: once the cluster is made. The URL holds the password, so the file is its owner's alone. */
  readonly url?: string | undefined;
  readonly port?: number | undefined;
  readonly socketFolder?: string | undefined;
}

function recordPath(dataFolder: string): string {
  return join(dataFolder, "postgres.json");
}

export function readEmbeddedRecord(dataFolder: string): EmbeddedRecord | undefined {
  const path = recordPath(dataFolder);
  const found = readJsonFile(path) as Record<string, unknown> | undefined;
  if (found === undefined) return undefined;
  const { home, url, port, socket_folder: socketFolder } = found;
  if (typeof home !== "string")
    throw new AppError("invalid_setting", `${path} is damaged: no "home".`);
  return {
    home: resolve(dataFolder, home),
    url: typeof url === "string" ? url : undefined,
    port: typeof port === "number" ? port : undefined,
    socketFolder: typeof socketFolder === "string" ? socketFolder : undefined,
  };
}

export function removeEmbeddedRecord(dataFolder: string): void {
  rmSync(recordPath(dataFolder), { force: true });
}

export function writeEmbeddedRecord(dataFolder: string, record: EmbeddedRecord): void {
  // Relative where it can be, so that a data folder can be moved.
  const inside = relative(dataFolder, record.home);
  const home = inside.startsWith("..") ? record.home : inside;
  const { url, port, socketFolder: socket_folder } = record;
  const text = JSON.stringify({ home, url, port, socket_folder }, null, 2);
  writePrivateFile(recordPath(dataFolder), `${text}\n`);
}
