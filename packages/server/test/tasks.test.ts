import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createServerProcesses, type ServerProcesses } from "./server-processes.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const EVERY_MS = 1_000;

const PACK = {
  "pack.yaml": "pack: t\nversion: 1.0.0\n",
  // Nothing is late by so much here, so that each has a fire of its own or is folded into one that says so.
  "tasks/t.yaml": "task: t.t\nschedule: { every: 1s }\nrun: core.noop\nmisfire_grace: 2s\n",
};

let db: TestDatabase;
let servers: ServerProcesses;
beforeEach(async () => {
  db = await createTestDatabase();
  servers = createServerProcesses(db.url, () => PACK);
});
afterEach(async () => {
  await servers.close();
  await db.drop();
});

interface Fire {
  readonly at: number;
  readonly coalesced: number;
  readonly decided: number;
  readonly run: string | null;
}

async function fires(): Promise<Fire[]> {
  const { rows } = await db.database.pool.query<Fire>(
    `SELECT (extract(epoch FROM (e.data ->> 'scheduled_for')::timestamptz) * 1000)::float8 AS at,
       (e.data ->> 'coalesced')::int AS coalesced, (extract(epoch FROM d.decided_at) * 1000)::float8 AS decided, d.run_id AS run
     FROM events e JOIN decisions d ON d.event_id = e.id WHERE e.type = 'schedule.due' ORDER BY at`,
  );
  return rows;
}

/** Resolves once there are so many more. */
async function more(count: number, before: number, within = 20_000): Promise<Fire[]> {
  return await vi.waitFor(
    async () => {
      const found = await fires();
      expect(found.length).toBeGreaterThanOrEqual(before + count);
      return found;
    },
    { timeout: within, interval: 50 },
  );
}

/** Every second has its one fire, or is counted by the one that stands for it; each has the run that it asked for. */
async function eachOnce(): Promise<void> {
  const found = await fires();
  for (const [i, { at, coalesced, run }] of found.entries()) {
    const before = found[i - 1];
    if (before !== undefined) expect(at - before.at).toBe((coalesced + 1) * EVERY_MS);
    expect(run).not.toBeNull();
  }
  const { rows } = await db.database.pool.query(
    `SELECT run_count AS count, missed_count AS missed,
       (SELECT count(*)::int FROM (SELECT id FROM runs UNION SELECT id FROM run_history) r) AS runs FROM tasks`,
  );
  const missed = found.reduce((sum, { coalesced }) => sum + coalesced, 0);
  expect(rows).toEqual([{ count: found.length, missed, runs: found.length }]);
}

it("fires each time once with two schedulers, and within 10 s after one that is killed", async () => {
  const first = await servers.start("api,worker,scheduler");
  await servers.start("worker,scheduler");
  const before = await more(4, 0);
  await servers.end(first, "SIGKILL");
  const after = await more(4, before.length);
  const waits = after.map(({ decided }, i) => decided - (after[i - 1]?.decided ?? decided));
  expect(Math.max(...waits)).toBeLessThan(10_000);
  await eachOnce();
}, 60_000);

it("fires each time once where a scheduler is frozen, and comes back", async () => {
  const first = await servers.start("api,worker,scheduler");
  await servers.start("worker,scheduler");
  const before = await more(2, 0);
  first.kill("SIGSTOP");
  const without = await more(5, before.length);
  first.kill("SIGCONT");
  await more(4, without.length);
  await eachOnce();
}, 60_000);

it("goes on after all schedulers were down, with one run for what was missed", async () => {
  const first = await servers.start("api,worker,scheduler");
  const before = await more(2, 0);
  await servers.end(first, "SIGKILL");
  const { rows } = await db.database.pool.query("SELECT pg_sleep(4)");
  expect(rows).toHaveLength(1);
  await servers.start("api,worker,scheduler");
  const after = await more(2, before.length);
  expect(after.some(({ coalesced }) => coalesced >= 2)).toBe(true);
  await eachOnce();
}, 60_000);
