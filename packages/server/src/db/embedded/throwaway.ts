import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonFile } from "../data-folder/data-folder.ts";
import { isSameProcess, type ProcessId, processStartId } from "../data-folder/process-identity.ts";
import { type Log, silentLog } from "../log.ts";
import { findBinaries } from "./binaries.ts";
import { clusterPath, ensureCluster } from "./cluster.ts";
import { chooseEndpoint } from "./endpoint.ts";
import { createPostmaster } from "./postmaster.ts";
import { removeSocketFolder } from "./socket-folder.ts";
import { stopPostmaster } from "./stop.ts";
import { SYSTEM_FOLDER } from "./system-folder.ts";
import { canEnter, postgresUser } from "./system-user.ts";

/** A PostgreSQL with the settings of the product (fsync on) that is gone without a trace after `stop`. */
export interface ThrowawayPostgres {
  /** Of the database `postgres`. */
  readonly url: string;
  urlOf(database: string): string;
  stop(): Promise<void>;
}

const PREFIX = "yard-throwaway-";

/**
 * For tests, benches and demos. What an earlier process that was killed left behind is cleared away first. `parent` is
 * the folder that it lies in, the temporary one by default.
 */
export async function startThrowawayPostgres(
  options: { readonly log?: Log; readonly parent?: string } = {},
): Promise<ThrowawayPostgres> {
  const user = postgresUser("");
  const parent = options.parent ?? (canEnter(user, tmpdir()) ? tmpdir() : "/tmp");
  await clearLeftovers(parent);
  const home = mkdtempSync(join(parent, PREFIX));
  chmodSync(home, user ? 0o711 : 0o700);
  const maker: ProcessId = { pid: process.pid, startId: processStartId(process.pid) ?? "" };
  writeFileSync(join(home, "maker.json"), JSON.stringify(maker), { mode: 0o600 });
  const binaries = findBinaries(user, user ? SYSTEM_FOLDER : home);
  const endpoint = await chooseEndpoint(home, user, { socketFolder: join(home, "socket") });
  const cluster = await ensureCluster({ home, user, binaries, endpoint });
  const postmaster = createPostmaster(cluster, options.log ?? silentLog);
  const stop = async (): Promise<void> => {
    await postmaster.stop();
    if (endpoint.socketFolder) removeSocketFolder(endpoint.socketFolder);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await postmaster.ensureRunning();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: cluster.url("postgres"), urlOf: cluster.url, stop };
}

async function clearLeftovers(parent: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const home = join(parent, name);
    const maker = isOurs(home) ? makerOf(home) : undefined;
    if (!maker || isSameProcess(maker)) continue;
    const dataPath = join(clusterPath(home), "data");
    const user = postgresUser(dataPath);
    await stopPostmaster({
      dataPath,
      user,
      binaries: findBinaries(user, user ? SYSTEM_FOLDER : home),
    });
    rmSync(home, { recursive: true, force: true });
  }
}

function isOurs(home: string): boolean {
  const stat = lstatSync(home, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === (process.getuid?.() ?? stat.uid);
}

function makerOf(home: string): ProcessId | undefined {
  return readJsonFile(join(home, "maker.json")) as ProcessId | undefined;
}
