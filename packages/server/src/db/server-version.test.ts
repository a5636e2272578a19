import { EventEmitter, once } from "node:events";
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
import { expect, test } from "vitest";
import { createPostmaster } from "./embedded/postmaster.ts";
import { runProgram } from "./embedded/programs.ts";
import { postgresUser } from "./embedded/system-user.ts";
import { type Database, migrate, openDatabase, silentLog } from "./index.ts";
import { requireVersion } from "./server-version.ts";

test("a server before 14 is refused by its version, later ones are taken", () => {
  const facts = { version: 130_014, versionText: "13.14", fsync: true };
  expect(() => requireVersion(facts, "yard at db:5432")).toThrow(
    /13\.14 \(yard at db:5432\) is too old/,
  );
  for (const version of [140_000, 180_004, 190_000]) {
    requireVersion({ version, versionText: "", fsync: true }, "");
  }
});

/** An installed PostgreSQL older than ours, as Debian lays them out. */
const SYSTEM = "/usr/lib/postgresql";
const older = existing(SYSTEM)
  .filter((major) => Number(major) >= 14 && Number(major) < 18)
  .at(-1);
if (!older) console.log(`skipped: no PostgreSQL 14 to 17 in ${SYSTEM}`);

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

test.skipIf(!older)(
  "DATABASE_URL may lead to an older PostgreSQL, shared by any number of processes",
  async () => {
    const server = await startOlder(join(SYSTEM, older ?? "", "bin"));
    const opened: Database[] = [];
    try {
      const dataFolder = join(server.home, "data folder");
      for (const mode of ["own", "own", "join"] as const) {
        opened.push(
          await openDatabase({ dataFolder, databaseUrl: server.url, mode, log: silentLog }),
        );
      }
      const [first, second] = opened;
      expect(Math.floor(first!.serverVersion / 10_000)).toBe(Number(older));
      expect(first!.embedded).toBe(false);
      const reports = await Promise.all(
        opened.map(({ pool }) => migrate(pool, { log: silentLog })),
      );
      const applied = reports.filter((report) => report.applied.length > 0);
      expect(applied.length).toBeLessThanOrEqual(1);
      const heard = new EventEmitter();
      await first!.listen("work", (payload) => heard.emit("work", payload));
      const [[payload]] = await Promise.all([
        once(heard, "work"),
        second!.pool.query("notify work, 'hello'"),
      ]);
      expect(payload).toBe("hello");
    } finally {
      for (const database of opened) await database.close();
      await server.stop();
    }
  },
);

async function startOlder(
  bin: string,
): Promise<{ home: string; url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), "yard-older-"));
  const dataPath = join(home, "pg");
  const user = postgresUser("");
  mkdirSync(dataPath, { mode: 0o700 });
  if (user) {
    chmodSync(home, 0o711);
    chownSync(dataPath, user.uid, user.gid);
  }
  const program = (name: string): string => join(bin, name);
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
