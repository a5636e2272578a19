import type { ServerSide } from "../connection/server-side.ts";
import { claimDataFolder, refuseIfOwned, releaseDataFolder } from "../data-folder/owner.ts";
import type { Log } from "../log.ts";
import { findBinaries } from "./binaries.ts";
import { type Cluster, clusterPath, ensureCluster } from "./cluster.ts";
import { chooseEndpoint } from "./endpoint.ts";
import { ensureHome } from "./home.ts";
import { boundLog } from "./log-file.ts";
import { createPostmaster } from "./postmaster.ts";
import { writeEmbeddedRecord } from "./record.ts";
import { ensureSocketFolder, removeSocketFolder } from "./socket-folder.ts";
import { SYSTEM_FOLDER } from "./system-folder.ts";
import { postgresUser } from "./system-user.ts";

const BOUND_LOG_EVERY_MS = 60_000;

/**
 * The embedded PostgreSQL of a data folder, to be owned by this process. Nothing runs yet: `ensureRunning`
 * starts it, adopts what a killed owner left, and starts it again whenever it has died.
 */
export async function ownEmbedded(dataFolder: string, log: Log): Promise<ServerSide> {
  refuseIfOwned(dataFolder);
  const cluster = await prepare(dataFolder, log);
  const { socketFolder } = cluster.endpoint;
  const postmaster = createPostmaster(cluster, log);
  const url = cluster.url("postgres");
  let isOwner = false;
  let logBound: NodeJS.Timeout | undefined;
  return {
    url,
    embedded: true,
    home: cluster.home,
    ensureRunning: async () => {
      if (socketFolder) ensureSocketFolder(cluster.home, cluster.user, socketFolder);
      await postmaster.ensureRunning();
    },
    claim: async (client) => {
      await claimDataFolder(dataFolder, client);
      isOwner = true;
      logBound ??= setInterval(() => boundLog(cluster.logPath), BOUND_LOG_EVERY_MS).unref();
    },
    lost: postmaster.lost,
    release: async () => {
      clearInterval(logBound);
      if (!isOwner) return;
      await postmaster.stop();
      if (socketFolder) removeSocketFolder(socketFolder);
      releaseDataFolder(dataFolder);
    },
  };
}

async function prepare(dataFolder: string, log: Log): Promise<Cluster> {
  const record = ensureHome(dataFolder, log);
  const { home } = record;
  const user = postgresUser(`${clusterPath(home)}/data`);
  const binaries = findBinaries(user, user ? SYSTEM_FOLDER : dataFolder);
  const endpoint = await chooseEndpoint(home, user, record);
  writeEmbeddedRecord(dataFolder, { ...record, ...endpoint });
  const cluster = await ensureCluster({ home, user, binaries, endpoint });
  writeEmbeddedRecord(dataFolder, { home, ...endpoint, url: cluster.url("postgres") });
  return cluster;
}
