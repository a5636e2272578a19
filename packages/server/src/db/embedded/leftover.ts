import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { livingOwner } from "../data-folder/owner.ts";
import { findBinaries } from "./binaries.ts";
import { clusterPath } from "./cluster.ts";
import { readEmbeddedRecord, removeEmbeddedRecord } from "./record.ts";
import { removeSocketFolder } from "./socket-folder.ts";
import { stopPostmaster } from "./stop.ts";
import { SYSTEM_FOLDER } from "./system-folder.ts";
import { postgresUser } from "./system-user.ts";

/**
 * Stops the PostgreSQL that a killed owner left running; does nothing while an owner lives. With `remove` its
 * cluster goes too, wherever it lies (tests and `yard db` clean up after themselves with it).
 */
export async function stopEmbeddedPostgres(
  dataFolder: string,
  options: { readonly remove?: boolean } = {},
): Promise<void> {
  const record = readEmbeddedRecord(dataFolder);
  if (!record || livingOwner(dataFolder)) return;
  const dataPath = join(clusterPath(record.home), "data");
  if (existsSync(dataPath)) {
    const user = postgresUser(dataPath);
    const binaries = findBinaries(user, user ? SYSTEM_FOLDER : dataFolder);
    await stopPostmaster({ dataPath, user, binaries });
  }
  if (record.socketFolder) removeSocketFolder(record.socketFolder);
  if (!options.remove) return;
  rmSync(record.home, { recursive: true, force: true });
  removeEmbeddedRecord(dataFolder);
}
