import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { diskFull } from "./failed-start.ts";
import { runProgram } from "./programs.ts";
import { CUSTOM_HEADER, configurationFile, type Endpoint, HBA_FILE } from "./settings.ts";
import type { SystemUser } from "./system-user.ts";

/**
 * A PostgreSQL cluster and its password. In `home`: `cluster/data` (PostgreSQL's own, mode 0700), and ours
 * `cluster/password` (0600), `cluster/*.conf` and `postgres.log`. As root we write nothing into PostgreSQL's
 * folder: its user could have put a link there.
 */
export interface Cluster {
  readonly home: string;
  readonly dataPath: string;
  readonly configPath: string;
  readonly hbaPath: string;
  readonly logPath: string;
  readonly user: SystemUser | undefined;
  readonly binaries: Binaries;
  readonly endpoint: Endpoint;
  /** URL of a database of this cluster, with its password. */
  url(database: string): string;
}

export interface ClusterOptions {
  readonly home: string;
  readonly user: SystemUser | undefined;
  readonly binaries: Binaries;
  readonly endpoint: Endpoint;
}

export const SUPERUSER = "yard";

/** Makes the cluster if it is not there, and writes its configuration anew. */
export async function ensureCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, user, binaries, endpoint } = options;
  const path = clusterPath(home);
  if (!existsSync(path)) await initialise(options);
  const dataPath = join(path, "data");
  const password = readFileSync(join(path, "password"), "utf8");
  const configPath = join(path, "postgresql.conf");
  const hbaPath = join(path, "pg_hba.conf");
  writeReadable(configPath, configurationFile(endpoint));
  writeReadable(hbaPath, HBA_FILE);
  const customPath = join(path, "custom.conf");
  if (!existsSync(customPath)) writeReadable(customPath, CUSTOM_HEADER);
  return {
    home,
    dataPath,
    configPath,
    hbaPath,
    logPath: join(home, "postgres.log"),
    user,
    binaries,
    endpoint,
    url: (database) => urlOf(endpoint, password, database),
  };
}

export function clusterPath(home: string): string {
  return join(home, "cluster");
}

/** The uid that PostgreSQL runs as. */
export function postgresOwner(home: string): number {
  return statSync(join(clusterPath(home), "data")).uid;
}

/** In a draft folder that is renamed when complete: an interrupted start leaves nothing half made behind. */
async function initialise({ home, user, binaries }: ClusterOptions): Promise<void> {
  const draft = mkdtempSync(join(home, "draft-"));
  const data = join(draft, "data");
  const password = randomBytes(32).toString("hex");
  mkdirSync(data);
  for (const folder of [home, draft]) chmodSync(folder, user ? 0o711 : 0o700);
  chmodSync(data, 0o700);
  if (user) chownSync(data, user.uid, user.gid);
  const initdb = [`--pgdata=${data}`, `--username=${SUPERUSER}`, "--encoding=UTF8", "--locale=C"];
  const safety = ["--data-checksums", "--auth=scram-sha-256", "--set=scram_iterations=1"];
  // initdb reads the password as its own user; the copy that stays is ours alone.
  const handOver = join(draft, "initdb-password");
  writeFileSync(handOver, password, { mode: 0o600 });
  if (user) chownSync(handOver, user.uid, user.gid);
  try {
    await runProgram(binaries.initdb, [...initdb, ...safety, `--pwfile=${handOver}`], {
      cwd: data,
      user,
    });
    rmSync(handOver);
    writeFileSync(join(draft, "password"), password, { mode: 0o600, flush: true });
    renameSync(draft, clusterPath(home));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process that started at the same moment was faster: its cluster is as good.
    if (!existsSync(clusterPath(home))) throw diskFull(String(error), home) ?? error;
  }
}

/** Readable whatever the umask: PostgreSQL's user reads it. */
function writeReadable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

function urlOf(endpoint: Endpoint, password: string, database: string): string {
  const { socketFolder, port } = endpoint;
  const login = `${SUPERUSER}:${password}`;
  if (!socketFolder) return `postgresql://${login}@127.0.0.1:${port}/${database}?sslmode=disable`;
  const host = encodeURIComponent(socketFolder);
  return `postgresql://${login}@/${database}?host=${host}&port=${port}&sslmode=disable`;
}
