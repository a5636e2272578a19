import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isRunning } from "../src/runners/attempt.fixture.ts";
import { type DatabaseDoor, openDatabaseDoor } from "./database-door.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };

/** As it is built: from its sources each start would cost several seconds of processor time. */
const SERVER = fileURLToPath(new URL("../dist/yard-server.mjs", import.meta.url));

/** Goes on from its cursor: each event says a number, one more than the one before. */
const COUNTER = `
const { createInterface } = require("node:readline");
const { writeFileSync } = require("node:fs");
const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  const { cursor, config } = JSON.parse(line);
  let n = cursor ?? 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 5; i++) {
      n++;
      console.log(JSON.stringify({ data: { n }, cursor: n }));
    }
    writeFileSync(config.progress, String(n));
  }, 20);
  lines.once("close", () => clearInterval(timer));
});
process.on("SIGTERM", () => {});
`;

const packOf = (progress: string) => ({
  "pack.yaml": "pack: t\nversion: 1.0.0\n",
  "sensors/s.yaml": `sensor: t.s\nentry: counter.cjs\nconfig: { progress: ${progress} }\nevents: { n: { n: integer! } }\n`,
  "counter.cjs": COUNTER,
  "rules/some.yaml":
    'rule: t.some\non: t.n\nif: event.data.n % 50 == 0\nrun: core.echo\nwith: { n: "${{ event.data.n }}" }\n',
});

let db: TestDatabase;
let folder: string;
const servers: ChildProcess[] = [];
const doors: DatabaseDoor[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "yard-sensor-servers-"));
  for (const [path, text] of Object.entries(packOf(join(folder, "progress")))) {
    mkdirSync(dirname(join(folder, "packs/t", path)), { recursive: true });
    writeFileSync(join(folder, "packs/t", path), text);
  }
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.kill("SIGCONT");
    await end(server, "SIGTERM");
  }
  for (const door of doors.splice(0)) await door.close();
  await db.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** A server of its own process, with a data folder of its own. */
async function start(roles = "api,worker,scheduler", url = db.url): Promise<ChildProcess> {
  const data = mkdtempSync(join(folder, "data-"));
  const server = spawn(process.execPath, [SERVER], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...{ PATH: process.env["PATH"], HOME: folder, DATABASE_URL: url, YARD_DATA: data },
      ...{
        YARD_PORT: "0",
        YARD_PACKS: "packs",
        YARD_ROLES: roles,
        YARD_ADMIN_TOKEN: "a-token-of-this-test",
      },
      ...{ YARD_MASTER_KEY: "a".repeat(64) },
    },
  });
  servers.push(server);
  const [told] = await Promise.race([once(server.stdout, "data"), once(server, "exit")]);
  expect(String(told)).toMatch(/^Yardmaster .*(listens|joined)/);
  server.stdout.resume();
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill(signal);
  await exited;
}

interface Row {
  readonly status: string;
  readonly fence: number;
  readonly pid: number | null;
  readonly session_id: string | null;
  readonly stored: number;
  readonly cursor: number | null;
  /** The process of its worker. */
  readonly worker: number | null;
}

async function row(): Promise<Row | undefined> {
  const { rows } = await db.database.pool.query<Row>(
    `SELECT s.status, s.fence, s.pid, s.session_id, s.stored, s.cursor, o.pid AS worker
     FROM sensors s LEFT JOIN sessions o ON o.id = s.session_id WHERE s.ref = 't.s'`,
  );
  return rows[0];
}

/** Resolves once it has come on by so many events, behind a fence. */
async function moved(by: number, behind: Row | undefined, within = 20_000): Promise<Row> {
  return await vi.waitFor(
    async () => {
      const now = await row();
      expect(now?.stored ?? 0).toBeGreaterThanOrEqual((behind?.stored ?? 0) + by);
      return now as Row;
    },
    { timeout: within, interval: 20 },
  );
}

/** Every number came once, in order, each was judged once, and what it starts was started once. */
async function nothingLostNothingTwice(): Promise<void> {
  const last = await row();
  const { rows } = await db.database.pool.query(
    `SELECT count(*)::int AS events, count(DISTINCT (data->>'n')::int)::int AS numbers, max((data->>'n')::int) AS highest,
       (SELECT count(*)::int FROM decisions WHERE rule = 't.some') AS decisions,
       (SELECT count(*)::int FROM decisions WHERE status = 'matched') AS matched,
       (SELECT count(*)::int FROM (SELECT id FROM runs UNION SELECT id FROM run_history) r) AS runs,
       (SELECT count(*)::int FROM deliveries) AS deliveries
     FROM events WHERE type = 't.n'`,
  );
  const n = last?.cursor ?? 0;
  expect(rows).toEqual([
    {
      ...{ events: n, numbers: n, highest: n, decisions: n, deliveries: n },
      ...{ matched: Math.floor(n / 50), runs: Math.floor(n / 50) },
    },
  ]);
  expect(last?.stored).toBe(n);
}

it("loses nothing and repeats nothing where its server is killed between two events, and killed again", async () => {
  let server = await start();
  for (const most of [80, 200]) {
    const before = await row();
    await moved(most, before);
    const { pid } = (await row()) as Row;
    await end(server, "SIGKILL");
    server = await start();
    const after = await moved(1, await row());
    expect(after.fence).toBeGreaterThan(before?.fence ?? 0);
    if (pid !== null) expect(isRunning(pid)).toBe(false);
  }
  await end(server, "SIGTERM");
  expect(await row()).toMatchObject({ status: "stopped", session_id: null, pid: null });
  await nothingLostNothingTwice();
}, 60_000);

it("has one process among two workers, and within 10 s another one where its owner is killed", async () => {
  const first = await start("api,worker,scheduler");
  const before = await moved(50, undefined);
  const second = await start("worker,scheduler");
  await moved(100, before);
  expect(await row()).toMatchObject({ fence: before.fence, pid: before.pid });
  const killedAt = performance.now();
  await end(first, "SIGKILL");
  const held = await row();
  const after = await moved(1, held, 12_000);
  expect(performance.now() - killedAt).toBeLessThan(10_000);
  expect(after).toMatchObject({ fence: before.fence + 1 });
  expect(isRunning(before.pid ?? 0)).toBe(false);
  await moved(100, after);
  await end(second, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);

it("takes nothing from an owner that was frozen and comes back", async () => {
  const rule = join(folder, "packs/t/rules/some.yaml");
  const text = readFileSync(rule, "utf8");
  rmSync(rule);
  await start("api,worker,scheduler");
  await start("worker,scheduler");
  // Who judges others by their silence must have been awake for as long itself.
  await vi.waitFor(async () => {
    const { rows } = await db.database.pool.query(
      "SELECT FROM sessions WHERE created_at < clock_timestamp() - interval '7 seconds'",
    );
    expect(rows).toHaveLength(2);
  }, PATIENCE);
  writeFileSync(rule, text);
  const before = await moved(5, undefined);
  const frozen = servers.find(({ pid }) => pid === before.worker);
  frozen?.kill("SIGSTOP");
  const after = await vi.waitFor(async () => {
    const now = await row();
    expect(now?.fence).toBe(before.fence + 1);
    return now;
  }, PATIENCE);
  // It comes back with lines in its pipe whose places the new process has long passed.
  await moved(150, after);
  frozen?.kill("SIGCONT");
  await moved(100, await row());
  expect(await row()).toMatchObject({ fence: before.fence + 1 });
  for (const server of servers) await end(server, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);

it("goes on while PostgreSQL is out of reach for some seconds: its lines wait", async () => {
  const door = await openDatabaseDoor(db.url);
  doors.push(door);
  const server = await start("api,worker,scheduler", door.url);
  const before = await moved(100, undefined);
  door.shut();
  // It prints on; what it has printed waits here, and then in its pipe.
  await vi.waitFor(
    () =>
      expect(Number(readFileSync(join(folder, "progress"), "utf8"))).toBeGreaterThan(
        before.stored + 500,
      ),
    PATIENCE,
  );
  expect(isRunning(before.pid ?? 0)).toBe(true);
  door.open();
  const after = await moved(150, await row());
  expect(after).toMatchObject({ fence: before.fence, pid: before.pid });
  await end(server, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);
