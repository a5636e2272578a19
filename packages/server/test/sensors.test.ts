import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isRunning } from "../src/runners/attempt.fixture.ts";
import { type DatabaseDoor, openDatabaseDoor } from "./database-door.ts";
import { createServerProcesses, type ServerProcesses } from "./server-processes.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };

const ALL = "api,worker,scheduler";

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
let servers: ServerProcesses;
const doors: DatabaseDoor[] = [];

beforeEach(async () => {
  db = await createTestDatabase();
  servers = createServerProcesses(db.url, (folder) => packOf(join(folder, "progress")));
});
afterEach(async () => {
  await servers.close();
  for (const door of doors.splice(0)) await door.close();
  await db.drop();
});

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
  let server = await servers.start(ALL);
  for (const most of [80, 200]) {
    const before = await row();
    await moved(most, before);
    const { pid } = (await row()) as Row;
    await servers.end(server, "SIGKILL");
    server = await servers.start(ALL);
    const after = await moved(1, await row());
    expect(after.fence).toBeGreaterThan(before?.fence ?? 0);
    if (pid !== null) expect(isRunning(pid)).toBe(false);
  }
  await servers.end(server, "SIGTERM");
  expect(await row()).toMatchObject({ status: "stopped", session_id: null, pid: null });
  await nothingLostNothingTwice();
}, 60_000);

it("has one process among two workers, and within 10 s another one where its owner is killed", async () => {
  const first = await servers.start(ALL);
  const before = await moved(50, undefined);
  const second = await servers.start("worker,scheduler");
  await moved(100, before);
  expect(await row()).toMatchObject({ fence: before.fence, pid: before.pid });
  const killedAt = performance.now();
  await servers.end(first, "SIGKILL");
  const held = await row();
  const after = await moved(1, held, 12_000);
  expect(performance.now() - killedAt).toBeLessThan(10_000);
  expect(after).toMatchObject({ fence: before.fence + 1 });
  expect(isRunning(before.pid ?? 0)).toBe(false);
  await moved(100, after);
  await servers.end(second, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);

it("takes nothing from an owner that was frozen and comes back", async () => {
  const rule = join(servers.folder, "packs/t/rules/some.yaml");
  const text = readFileSync(rule, "utf8");
  rmSync(rule);
  await servers.start(ALL);
  await servers.start("worker,scheduler");
  // Who judges others by their silence must have been awake for as long itself.
  await vi.waitFor(async () => {
    const { rows } = await db.database.pool.query(
      "SELECT FROM sessions WHERE created_at < clock_timestamp() - interval '7 seconds'",
    );
    expect(rows).toHaveLength(2);
  }, PATIENCE);
  writeFileSync(rule, text);
  const before = await moved(5, undefined);
  const frozen = servers.started.find(({ pid }) => pid === before.worker);
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
  for (const server of servers.started) await servers.end(server, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);

it("goes on while PostgreSQL is out of reach for some seconds: its lines wait", async () => {
  const door = await openDatabaseDoor(db.url);
  doors.push(door);
  const server = await servers.start(ALL, door.url);
  const before = await moved(100, undefined);
  door.shut();
  // It prints on; what it has printed waits here, and then in its pipe.
  await vi.waitFor(
    () =>
      expect(Number(readFileSync(join(servers.folder, "progress"), "utf8"))).toBeGreaterThan(
        before.stored + 500,
      ),
    PATIENCE,
  );
  expect(isRunning(before.pid ?? 0)).toBe(true);
  door.open();
  const after = await moved(150, await row());
  expect(after).toMatchObject({ fence: before.fence, pid: before.pid });
  await servers.end(server, "SIGTERM");
  await nothingLostNothingTwice();
}, 60_000);
