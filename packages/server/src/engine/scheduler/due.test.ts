import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { selectQueueDepths } from "../lanes/queues.store.ts";
import { clearInstants, dueTimers, readyDelayed } from "./scheduler.store.ts";

const RUN = randomUUID();
/** In minutes; the names are the slots. */
const DUE = { soon: 1, late: -5, later: -50, now: 0 };

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

async function wait(table: string, columns: string, values: string): Promise<void> {
  await db.database.pool.query(
    `INSERT INTO ${table} (run_id, slot, number, due_at${columns})
     SELECT $1, slot, 1, now() + minutes * interval '1 minute'${values}
     FROM unnest($2::text[], $3::int[]) row(slot, minutes)`,
    [RUN, Object.keys(DUE), Object.values(DUE)],
  );
}

it("delayed attempts become ready when they are due, the longest due first, and wait since then alone", async () => {
  const { pool } = db.database;
  await wait(
    "dispatch",
    ", state, runner, ref, input, ready_at",
    ", 'delayed', 'core', 'r', '{}', now() - interval '1 hour'",
  );
  expect(await readyDelayed(pool, 1)).toBe(1);
  const { rows } = await pool.query("SELECT slot FROM dispatch WHERE state = 'ready'");
  expect(rows).toEqual([{ slot: "later" }]);
  expect(await readyDelayed(pool, 10)).toBe(2);
  const [depth] = await selectQueueDepths(pool);
  expect(depth).toMatchObject({ ready: 3, delayed: 1 });
  expect(depth?.waitedMs).toBeLessThan(60_000);
});

it("of due timers the longest due come first", async () => {
  const { pool } = db.database;
  await wait("timers", "", "");
  expect((await dueTimers(pool, 2)).map(({ slot }) => slot)).toEqual(["later", "late"]);
  expect(await dueTimers(pool, 10)).toHaveLength(3);
});

it("the mark of a session is taken from a run, and never that of another which has set its own since", async () => {
  const { pool } = db.database;
  const [gone, living] = [randomUUID(), randomUUID()];
  await pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by, instant_by)
     VALUES ($1, 1, 'r', '{}', now(), 'test', $2)`,
    [RUN, living],
  );
  const marks = async () => (await pool.query("SELECT instant_by AS by FROM runs")).rows;
  await clearInstants(pool, { runId: RUN, sessionId: gone });
  expect(await marks()).toEqual([{ by: living }]);
  await clearInstants(pool, { runId: RUN, sessionId: living });
  expect(await marks()).toEqual([{ by: null }]);
});
