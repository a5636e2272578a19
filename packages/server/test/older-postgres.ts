import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostmaster } from "../src/db/embedded/postmaster.ts";
import { runProgram } from "../src/db/embedded/programs.ts";
import { postgresUser } from "../src/db/embedded/system-user.ts";
import { silentLog } from "../src/db/index.ts";

const SYSTEM = "/usr/lib/postgresql";

/** The major version of an installed PostgreSQL older than ours, as Debian lays them out; the oldest that is supported. */
export function installedOlder(): string | undefined {
  const older = existing(SYSTEM)
    .filter((major) => Number(major) >= 14 && Number(major) < 18)
    .sort()[0];
  if (!older) console.log(`skipped: no PostgreSQL 14 to 17 in ${SYSTEM}`);
  return older;
}

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** `home` is a folder that is gone after `stop`. */
export async function startOlder(
  major: string,
): Promise<{ home: string; url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), "yard-older-"));
  const dataPath = join(home, "pg");
  const user = postgresUser("");
  mkdirSync(dataPath, { mode: 0o700 });
  if (user) {
    chmodSync(home, 0o711);
    chownSync(dataPath, user.uid, user.gid);
  }
  const program = (name: string): string => join(SYSTEM, major, "bin", name);
  const binaries = {
    initdb: program("initdb"),
    pgCtl: program("pg_ctl"),
    postgres: program("postgres"),
  };
  const initdb = ["-D", dataPath, "-U", "yard", "--auth=trust", "--encoding=UTF8", "--locale=C"];
  await runProgram(binaries.initdb, initdb, { cwd: dataPath, user });
  const configPath = join(home, "postgresql.conf");
  writeFileSync(configPath, `listen_addresses = ''\nunix_socket_directories = '${dataPath}'\n`);
  const url = `postgresql://yard@/postgres?host=${encodeURIComponent(dataPath)}&sslmode=disable`;
  const postmaster = createPostmaster(
    {
      home,
      dataPath,
      configPath,
      hbaPath: join(dataPath, "pg_hba.conf"),
      logPath: join(home, "postgres.log"),
      user,
      binaries,
      endpoint: { socketFolder: dataPath, port: 5432 },
      url: () => url,
    },
    silentLog,
  );
  const stop = async (): Promise<void> => {
    await postmaster.stop();
    rmSync(home, { recursive: true });
  };
  await postmaster
    .ensureRunning()
    .catch((error: unknown) => stop().then(() => Promise.reject(error)));
  return { home, url, stop };
}
