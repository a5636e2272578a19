/**
 * Settings of the embedded server. Durable first (fsync, full pages, synchronous commits, checksums), then
 * small when idle and steady under load on a machine with two cores.
 */
const SETTINGS = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  password_encryption: "scram-sha-256",
  // The password is 256 random bits: iterations protect nothing and cost 5 ms on each connection.
  scram_iterations: "1",

  max_connections: "100",
  shared_buffers: "64MB",
  work_mem: "8MB",
  maintenance_work_mem: "64MB",
  // The three I/O worker processes of the default cost memory and help only reads from disk.
  io_method: "sync",
  max_parallel_workers_per_gather: "0",
  jit: "off",

  // No replicas read this log, so it need not carry their snapshots: an idle server writes nothing.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  // Bounds the replay after a kill to about 500 MB of log, some seconds.
  max_wal_size: "1GB",
  min_wal_size: "128MB",
  wal_buffers: "8MB",
  checkpoint_timeout: "10min",
  checkpoint_completion_target: "0.9",

  // Hot tables live from dead rows being taken away soon.
  autovacuum_naptime: "15s",
  autovacuum_max_workers: "2",
  autovacuum_worker_slots: "2",
  autovacuum_vacuum_scale_factor: "0.05",
  autovacuum_vacuum_insert_scale_factor: "0.1",
  autovacuum_analyze_scale_factor: "0.05",
  autovacuum_vacuum_cost_limit: "1000",

  // Errors of statements are told to the client, with the values that this file must not hold.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  log_autovacuum_min_duration: "-1",
  log_timezone: "UTC",
  timezone: "UTC",
} as const;

export interface Endpoint {
  /** Folder of the unix socket; undefined on Windows, where the port is on loopback. */
  readonly socketFolder: string | undefined;
  readonly port: number;
}

/** The whole `postgresql.conf`. `custom.conf` beside it is the administrator's and comes last. */
export function configurationFile(endpoint: Endpoint): string {
  const where = endpoint.socketFolder
    ? { listen_addresses: "", unix_socket_directories: endpoint.socketFolder }
    : { listen_addresses: "127.0.0.1" };
  const all = { ...SETTINGS, ...where, port: String(endpoint.port) };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  );
  const header =
    "# Written by Yardmaster at each start. Put own settings into custom.conf beside it.";
  return [header, ...lines, "include_if_exists 'custom.conf'", ""].join("\n");
}

export const CUSTOM_HEADER = "# Own PostgreSQL settings, kept. They win over postgresql.conf.\n";

/**
 * A password on the socket too, although its folder is closed: other programs may run as the same `nobody`.
 * Only those who can read the data folder know it.
 */
export const HBA_FILE = [
  "local all all scram-sha-256",
  "host all all 127.0.0.1/32 scram-sha-256",
  "",
].join("\n");
