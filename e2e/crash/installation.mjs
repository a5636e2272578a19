import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  connectDatabase,
  silentLog,
  stopEmbeddedPostgres,
} from "../../packages/server/dist/db/index.js";
import { endIfBrokenOff } from "./broken-off.mjs";
import { freePort } from "./free-port.mjs";
import { livingProcesses, parentOf, signal } from "./processes.mjs";
import { startProgram } from "./program.mjs";
import { startSlowServer } from "./slow-server.mjs";

export const WEBHOOK_SECRET = "crash-secret";
export const TOKEN = "crash-token-0123456789abcdef0123456789";
const SPAWNER = /yard-spawner\.mjs\0/;
const PACK = join(import.meta.dirname, "pack");

/**
 * A data folder with the crash pack and its ledger, and the processes that are started on it: with the embedded
 * PostgreSQL, or on that of `databaseUrl`, which each process reaches as `databaseUrlOf` says by its name.
 */
export async function createInstallation({
  processes = 4,
  databaseUrl,
  databaseUrlOf = () => databaseUrl,
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "yard-crash-"));
  const dataFolder = join(folder, "data");
  const packFolder = join(folder, "packs");
  const ledgerPath = makeLedger(join(folder, "ledger"));
  cpSync(PACK, join(packFolder, "crash"), { recursive: true });
  writeFileSync(join(packFolder, "crash", "ledger.path"), `${join(folder, "ledger")}\n`);
  const port = await freePort();
  const slow = await startSlowServer();
  const programs = [];
  let removed = false;

  const record = () => JSON.parse(readFileSync(join(dataFolder, "postgres.json"), "utf8"));

  const postmaster = () => {
    if (databaseUrl !== undefined) return undefined;
    const home = resolve(dataFolder, record().home);
    return livingProcesses(({ command }) => command.includes(`\0-D\0${home}/`))[0];
  };

  const backends = (parent) =>
    livingProcesses(
      ({ pid, command }) => command.startsWith("postgres: yard") && parentOf(pid) === parent,
    );

  const leftWork = () =>
    livingProcesses(
      ({ environ }) => environ.includes("YARD_SESSION=") && environ.includes(dataFolder),
    );

  /** Ends everything that lives and removes every trace. */
  const remove = async () => {
    removed = true;
    slow.close();
    for (const program of programs) program.kill("SIGKILL");
    await Promise.all(programs.map(({ ended }) => ended));
    for (const { pid } of leftWork()) signal(pid, "SIGKILL");
    if (databaseUrl === undefined) await stopEmbeddedPostgres(dataFolder, { remove: true });
    rmSync(folder, { recursive: true, force: true });
  };
  endIfBrokenOff(remove);

  return {
    folder,
    port,
    url: `http://127.0.0.1:${port}`,
    /** What runs may ask over HTTP. */
    slowUrl: slow.url,
    ledgerPath,
    programs,
    isRemoved: () => removed,
    /** Starts a process of the installation; `fuse` and `entry`: see `startProgram`. */
    start(name, { roles, settings: more, ...how }) {
      const flags = ["--data", dataFolder, "--port", String(port), "--roles", roles];
      if (roles.includes("api")) flags.push("--packs", packFolder);
      const settings = {
        YARD_ADMIN_TOKEN: TOKEN,
        YARD_WORKER_PROCESSES: String(processes),
        CRASH_WEBHOOK_SECRET: WEBHOOK_SECRET,
        YARD_HTTP_ALLOW: "127.0.0.1",
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrlOf(name) }),
        ...more,
      };
      const program = startProgram(name, { cwd: folder, flags, settings, ...how });
      programs.push(program);
      return program;
    },
    /** Ends the postmaster, or one of its clients' backends, with SIGKILL; undefined when there was none. */
    killPostgres(which, random) {
      const server = postmaster();
      const found = server && which === "backend" ? backends(server.pid) : [server];
      const victim = found.length > 0 ? random.pick(found) : undefined;
      if (victim !== undefined) signal(victim.pid, "SIGKILL");
      return victim?.pid;
    },
    /** Ends a spawner of one of the processes with SIGKILL; undefined when there was none. */
    killSpawner(parents, random) {
      const found = livingProcesses(
        ({ pid, command }) => SPAWNER.test(command) && parents.includes(parentOf(pid)),
      );
      const victim = found.length > 0 ? random.pick(found) : undefined;
      if (victim !== undefined) signal(victim.pid, "SIGKILL");
      return victim?.pid;
    },
    /** A connection that looks at the tables themselves. */
    database: () => connectDatabase(databaseUrl ?? record().url, { log: silentLog, poolSize: 1 }),
    leftWork,
    leftPostgres: postmaster,
    remove,
  };
}

function makeLedger(folder) {
  for (const name of ["slots", "lanes", "keys", "fails"])
    mkdirSync(join(folder, name), { recursive: true });
  const path = join(folder, "ledger");
  for (const file of [path, join(folder, "files")]) writeFileSync(file, "");
  return path;
}
