import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { endIfBrokenOff } from "../crash/broken-off.mjs";

const run = promisify(execFile);
/** PostgreSQL does not run as root; `nobody` has an entry nearly everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const SETTINGS = [
  "listen_addresses=",
  "shared_buffers=32MB",
  "wal_keep_size=0",
  "min_wal_size=32MB",
];

/** The programs of the PostgreSQL that this machine has itself; undefined where it has none. */
export function ownPrograms() {
  const folders = (process.env.PATH ?? "").split(":");
  const found = folders.map((folder) => join(folder, "pg_ctl")).find((path) => existsSync(path));
  return found === undefined ? undefined : dirname(realpathSync(found));
}

/** A throwaway cluster of the machine's own PostgreSQL in a folder of `parent`. */
export async function startCluster({ parent = tmpdir() } = {}) {
  const isRoot = process.getuid() === 0;
  const as = isRoot ? NOBODY : {};
  const home = mkdtempSync(join(parent, "yard-cluster-"));
  const socket = mkdtempSync(join(tmpdir(), "yard-pg-"));
  const data = join(home, "data");
  chmodSync(home, 0o711);
  mkdirSync(data, { mode: 0o700 });
  if (isRoot) for (const folder of [data, socket]) chownSync(folder, as.uid, as.gid);
  const bin = ownPrograms();
  const ctl = (...args) =>
    run(join(bin, "pg_ctl"), ["-D", data, "-w", "-t", "60", ...args], { ...as, cwd: "/" });
  const start = () =>
    ctl(
      "-l",
      join(data, "log"),
      "-o",
      ["-k", socket, ...SETTINGS.flatMap((one) => ["-c", one])].join(" "),
      "start",
    );
  await run(join(bin, "initdb"), ["-D", data, "-U", "yard", "-A", "trust", "-N"], {
    ...as,
    cwd: "/",
  });
  await start();
  const stop = async () => {
    await ctl("-m", "immediate", "stop").catch(() => {});
    rmSync(home, { recursive: true, force: true });
    rmSync(socket, { recursive: true, force: true });
  };
  endIfBrokenOff(stop);
  return {
    url: `postgres://yard@/postgres?host=${encodeURIComponent(socket)}`,
    start,
    /** `fast` ends statements and writes all down; `immediate` is a crash in order. */
    async restart(mode) {
      await ctl("-m", mode, "stop");
      await start();
    },
    isRunning: () =>
      ctl("status").then(
        () => true,
        () => false,
      ),
    stop,
  };
}
