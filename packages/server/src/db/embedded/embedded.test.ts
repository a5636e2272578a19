import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  type Database,
  noteStopping,
  openDatabase,
  retryOnConnectionLoss,
  silentLog,
  stopEmbeddedPostgres,
} from "../index.ts";
import { livingPostmaster, programOn } from "./postmaster-file.ts";

/** One cluster for the tests that need no fresh one: each of them starts and stops it. */
let parent: string;
let dataFolder: string;
const folders = new Set<string>();
const opened: Database[] = [];
const children: ChildProcessByStdio<Writable, Readable, null>[] = [];

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "yard-own-"));
});

beforeEach(() => {
  dataFolder = useFolder("data");
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) {
      await once(child, "exit");
    }
  }
  for (const database of opened.splice(0).reverse()) await database.close();
  await stopEmbeddedPostgres(dataFolder);
});

afterAll(async () => {
  for (const folder of folders) await stopEmbeddedPostgres(folder, { remove: true });
  rmSync(parent, { recursive: true });
});

function useFolder(name: string): string {
  dataFolder = join(parent, name);
  folders.add(dataFolder);
  return dataFolder;
}

async function open(mode: "own" | "join" = "own"): Promise<Database> {
  const database = await openDatabase({ dataFolder, mode, log: silentLog });
  opened.push(database);
  return database;
}

/** Another process that owns the data folder; gives its first line. */
async function spawnOwner(): Promise<{ child: (typeof children)[number]; line: string }> {
  const script = new URL("../../../test/run-typescript.mjs", import.meta.url).pathname;
  const fixture = new URL("../../../test/fixtures/owner.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, fixture, dataFolder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, line: line.toString().trim() };
}

const KEPT = "drop table if exists kept; create table kept as select 1 as id";
const dataPath = (home: string | undefined): string => join(home ?? "", "cluster", "data");
const postmasterOf = (database: Database): number => livingPostmaster(dataPath(database.home))!.pid;
const newPostmaster = ({ home }: Database, known: number[]): number | undefined => {
  const pid = livingPostmaster(dataPath(home))?.pid;
  return pid !== undefined && known.includes(pid) ? undefined : pid;
};
const nextEvent = (subscribe: (listener: () => void) => () => void): Promise<void> =>
  new Promise((resolve) => subscribe(() => resolve()));

test("with no configuration a real PostgreSQL 18 runs, durable, for its owner alone", async () => {
  const began = performance.now();
  const database = await open();
  console.log(`embedded PostgreSQL: first start in ${Math.round(performance.now() - began)} ms`);
  expect(database.serverVersion).toBeGreaterThanOrEqual(180_000);
  expect(database.embedded).toBe(true);
  const { rows } = await database.pool.query(`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
           current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
           current_setting('listen_addresses') as tcp,
           (select datcollate from pg_database where datname = current_database()) as locale`);
  expect(rows).toEqual([
    { fsync: "on", commits: "on", checksums: "on", encoding: "UTF8", tcp: "", locale: "C" },
  ]);
  expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
  for (const name of ["owner.json", "postgres.json"]) {
    expect(statSync(join(dataFolder, name)).mode & 0o777).toBe(0o600);
  }
});

test.skipIf(process.platform !== "linux")(
  "PostgreSQL runs without rights, in a session of its own that Ctrl-C does not reach",
  async () => {
    const pid = postmasterOf(await open());
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])).not.toBe(0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, , , , session] = stat.slice(stat.lastIndexOf(")")).split(" ");
    expect(Number(session)).toBe(pid);
  },
);

test("data outlives a stop, and a stop leaves no process, no socket and no owner", async () => {
  const first = await open();
  await first.pool.query(KEPT);
  const socketFolder = JSON.parse(
    readFileSync(join(dataFolder, "postgres.json"), "utf8"),
  ).socket_folder;
  expect(existsSync(socketFolder)).toBe(true);
  await first.close();
  expect(livingPostmaster(dataPath(first.home))).toBeUndefined();
  expect(existsSync(socketFolder)).toBe(false);
  expect(existsSync(join(dataFolder, "owner.json"))).toBe(false);
  const began = performance.now();
  const second = await open();
  console.log(`embedded PostgreSQL: start in ${Math.round(performance.now() - began)} ms`);
  expect((await second.pool.query("select id from kept")).rows).toEqual([{ id: 1 }]);
});

test("a second owner is refused and told who the first is and what to do", async () => {
  const first = await open();
  const second = open();
  await expect(second).rejects.toMatchObject({ code: "conflict" });
  await expect(second).rejects.toThrow(`${dataFolder} is owned by process ${process.pid}.`);
  await expect(second).rejects.toThrow("yard start --roles worker");
  const url = "http://127.0.0.1:4400";
  writeFileSync(join(dataFolder, "server.json"), JSON.stringify({ url, pid: process.pid }));
  await expect(open()).rejects.toThrow(`owned by process ${process.pid}, which serves ${url}.`);
  noteStopping(dataFolder, { sinceMs: 0, untilMs: 30_000 });
  const stopping =
    "stopping since 1970-01-01T00:00:00.000Z. What it runs may go on until 1970-01-01T00:00:30.000Z";
  await expect(open()).rejects.toThrow(stopping);
  expect((await first.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("the lock refuses a second owner even when nothing tells of the first", async () => {
  const first = await open();
  rmSync(join(dataFolder, "owner.json"));
  await expect(open()).rejects.toMatchObject({ code: "conflict" });
  expect((await first.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("owners that start at the same moment end with one, whose PostgreSQL keeps running", async () => {
  useFolder("together");
  const results = await Promise.allSettled([open(), open()]);
  const outcomes = results.map((result) =>
    result.status === "rejected" ? result.reason.code : "owner",
  );
  expect(outcomes.sort()).toEqual(["conflict", "owner"]);
  expect((await opened[0]!.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("any number of processes join an owner, and none of them stops its PostgreSQL", async () => {
  const owner = await open();
  const guest = await open("join");
  expect(guest.embedded).toBe(true);
  expect((await guest.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await guest.close();
  expect((await owner.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("joining a data folder on which nothing ever ran says so", async () => {
  useFolder("never");
  const said: string[] = [];
  const log = { ...silentLog, info: (_: object, message: string) => void said.push(message) };
  const joined = openDatabase({ dataFolder, mode: "join", log, connectWaitMs: 1_000 });
  await expect(joined).rejects.toMatchObject({ code: "unavailable" });
  await expect(joined).rejects.toThrow(/nothing to join/);
  expect(said).toEqual(["waiting for a server on the data folder"]);
});

test("the PostgreSQL of a killed owner lives on and is adopted by the next", async () => {
  const { child, line } = await spawnOwner();
  expect(line).toBe("ready");
  const guest = await open("join");
  const before = postmasterOf(guest);
  child.kill("SIGKILL");
  await once(child, "exit");
  const heir = await open();
  expect(postmasterOf(heir)).toBe(before);
  expect((await guest.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("a left PostgreSQL whose socket is gone is stopped in order and started again", async () => {
  const { child } = await spawnOwner();
  const guest = await open("join");
  const before = postmasterOf(guest);
  await guest.pool.query(KEPT);
  await guest.close();
  child.kill("SIGKILL");
  await once(child, "exit");
  const record = join(dataFolder, "postgres.json");
  const { socket_folder } = JSON.parse(readFileSync(record, "utf8"));
  rmSync(socket_folder, { recursive: true });
  const heir = await open();
  expect(postmasterOf(heir)).not.toBe(before);
  expect((await heir.pool.query("select id from kept")).rows).toEqual([{ id: 1 }]);
});

test("a killed PostgreSQL is started again at once: pool, listeners and lock come back", async () => {
  const owner = await open();
  const guest = await open("join");
  await owner.pool.query(KEPT);
  const heard = new Promise<string>((resolve) => void owner.listen("work", resolve));
  const restored = [owner, guest].map((database) => nextEvent(database.onRestored));
  const before = postmasterOf(owner);
  const began = performance.now();
  process.kill(before, "SIGKILL");
  await Promise.all(restored);
  console.log(
    `embedded PostgreSQL: back after a kill in ${Math.round(performance.now() - began)} ms`,
  );
  expect(postmasterOf(owner)).not.toBe(before);
  for (const { pool } of [owner, guest]) {
    const { rows } = await retryOnConnectionLoss(() => pool.query("select id from kept"));
    expect(rows).toEqual([{ id: 1 }]);
  }
  await guest.pool.query("notify work, 'hello'");
  expect(await heard).toBe("hello");
  rmSync(join(dataFolder, "owner.json"));
  await expect(open()).rejects.toMatchObject({ code: "conflict" });
});

test("a PostgreSQL that is killed again while it starts is started once more, and no error is told", async () => {
  const errors: string[] = [];
  const log = { ...silentLog, error: (_: object, text: string) => void errors.push(text) };
  const owner = await openDatabase({ dataFolder, mode: "own", log });
  opened.push(owner);
  const before = postmasterOf(owner);
  process.kill(before, "SIGKILL");
  const starting = await vi.waitUntil(() => newPostmaster(owner, [before]), { interval: 1 });
  const restored = nextEvent(owner.onRestored);
  process.kill(starting, "SIGKILL");
  await restored;
  expect([before, starting]).not.toContain(postmasterOf(owner));
  expect(errors).toEqual([]);
});

test("a postmaster.pid whose number is another process's by now does not keep PostgreSQL from starting", async () => {
  const first = await open();
  const path = join(dataPath(first.home), "postmaster.pid");
  const text = readFileSync(path, "utf8");
  await first.close();
  // A process of the same user as PostgreSQL's: of others it knows itself that they are not its own.
  const { uid, gid } = statSync(dataPath(first.home));
  const stranger = spawn(
    process.execPath,
    ["-e", "console.log('up'); setInterval(() => {}, 1000)"],
    {
      cwd: "/",
      stdio: ["pipe", "pipe", "inherit"],
      uid,
      gid,
    },
  );
  children.push(stranger);
  await once(stranger.stdout, "data");
  writeFileSync(path, text.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 });
  chownSync(path, uid, gid);
  const second = await open();
  expect(postmasterOf(second)).not.toBe(stranger.pid);
  expect(stranger.exitCode).toBeNull();
});

test("a PostgreSQL that cannot start says why, and custom.conf holds own settings", async () => {
  const first = await open();
  await first.close();
  const custom = join(first.home ?? "", "cluster", "custom.conf");
  writeFileSync(custom, "shared_buffers = 'much'\n");
  await expect(open()).rejects.toThrow(
    /did not start[\s\S]*invalid value for parameter "shared_buffers"/,
  );
  writeFileSync(custom, "shared_buffers = '32MB'\n");
  const { rows } = await (await open()).pool.query("show shared_buffers");
  expect(rows).toEqual([{ shared_buffers: "32MB" }]);
  rmSync(custom);
});

test("a left PostgreSQL with no connection free is not stopped for that: the next owner waits for one", async () => {
  const first = await open();
  await first.close();
  const custom = join(first.home ?? "", "cluster", "custom.conf");
  writeFileSync(custom, "max_connections = 12\n");
  const { child } = await spawnOwner();
  const { url, pool } = await open("join");
  child.kill("SIGKILL");
  await vi.waitUntil(async () => {
    const ofOwner = `select from pg_stat_activity where application_name like '% ${child.pid}'`;
    return (await pool.query(ofOwner)).rowCount === 0;
  });
  const others: pg.Client[] = [];
  const fill = async (): Promise<void> => {
    for (;;) {
      const other = new pg.Client(url);
      other.on("error", () => {});
      await other.connect();
      others.push(other);
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: "53300" });
  const before = livingPostmaster(dataPath(first.home))?.pid;
  const warn = (): void => void Promise.all(others.map((other) => other.end()));
  const next = await openDatabase({ dataFolder, mode: "own", log: { ...silentLog, warn } });
  opened.push(next);
  expect(postmasterOf(next)).toBe(before);
  rmSync(custom);
});

test("a PostgreSQL whose files are deleted under it is told as lost, and ended at once", async () => {
  useFolder("deleted");
  const database = await open();
  const pid = postmasterOf(database);
  expect(database.lost()).toBeUndefined();
  rmSync(join(database.home ?? "", "cluster", "data", "base"), { recursive: true });
  expect(database.lost()).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/deleted while it ran: .*base is not there\..* from a backup/),
  });
  const sinceMs = performance.now();
  await database.close();
  // In order it takes the whole 30 s that a stop has, and is killed then.
  expect(performance.now() - sinceMs).toBeLessThan(20_000);
  expect(programOn(dataPath(database.home), pid)).toBeUndefined();
  rmSync(join(database.home ?? "", "cluster"), { recursive: true });
});

test("a cluster that is gone is not replaced by an empty one", async () => {
  useFolder("gone");
  const first = await open();
  await first.close();
  rmSync(first.home ?? "", { recursive: true });
  await expect(open()).rejects.toThrow(/lies in .* but that is gone/);
});
