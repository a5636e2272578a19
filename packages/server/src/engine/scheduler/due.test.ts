import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blockedStatements } from "../../../test/conformance/tables.store.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import type { Database } from "../../db/index.ts";
import { turnPauses } from "../commit/flush.store.ts";
import { selectQueueDepths } from "../lanes/queues.store.ts";
import { clearInstants } from "./recovery.store.ts";
import { dueTimers, readyDelayed, readyResumed } from "./scheduler.store.ts";

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
  expect(await readyDelayed(db.database, 1)).toBe(1);
  const { rows } = await pool.query("SELECT slot FROM dispatch WHERE state = 'ready'");
  expect(rows).toEqual([{ slot: "later" }]);
  expect(await readyDelayed(db.database, 10)).toBe(2);
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

describe("a delayed attempt of a paused run", () => {
  const delayed = `INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, due_at)
    VALUES ($1, 'a', 1, 'delayed', 'core', 'r', '{}', now() - interval '1 minute')`;
  const run = `INSERT INTO runs (id, version, ref, input, created_at, created_by, paused_by)
    VALUES ($1, 1, 'r', '{}', now(), 'test', 'ann')`;
  const id = randomUUID();
  const state = async () =>
    (await db.database.pool.query("SELECT state FROM dispatch WHERE run_id = $1", [id])).rows[0];
  beforeEach(async () => {
    const { pool } = db.database;
    await pool.query("TRUNCATE runs, dispatch");
    await pool.query(run, [id]);
    await pool.query(delayed, [id]);
  });

  it("is taken back where a build that knows no such state has resumed its run, and no other", async () => {
    await readyDelayed(db.database, 10);
    expect(await readyResumed(db.database.pool, 10)).toBe(0);
    await db.database.pool.query("UPDATE runs SET paused_by = NULL WHERE id = $1", [id]);
    expect(await readyResumed(db.database.pool, 10)).toBe(1);
    expect(await state()).toEqual({ state: "ready" });
  });

  const resume = async (): Promise<void> =>
    await db.database.withTransaction(async (client) => {
      await client.query("UPDATE runs SET paused_by = NULL WHERE id = $1", [id]);
      await turnPauses(client, [id]);
    });

  it("is not ready when it is due, and is with the end of the pause", async () => {
    expect(await readyDelayed(db.database, 10)).toBe(0);
    expect(await state()).toEqual({ state: "paused" });
    await resume();
    expect(await state()).toEqual({ state: "ready" });
  });

  /** Between the statements of `readyDelayed`, whose snapshots differ. */
  const between = (act: () => Promise<void>): Pick<Database, "withTransaction"> => ({
    withTransaction: (work) =>
      db.database.withTransaction(async (client) => {
        const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
        let isFirst = true;
        const watched = Object.create(client, {
          query: {
            value: async (...given: unknown[]) => {
              const result = await query(...given);
              if (isFirst) await act();
              isFirst = false;
              return result;
            },
          },
        });
        return await work(watched);
      }),
  });

  it("is ready where its run is resumed while it comes due, by an advance that has passed it", async () => {
    // The advance wrote the row before this had it; its run is not paused since then.
    const passed = between(async () => {
      await db.database.pool.query("UPDATE runs SET paused_by = NULL WHERE id = $1", [id]);
    });
    expect(await readyDelayed(passed, 10)).toBe(1);
    expect(await state()).toEqual({ state: "ready" });
  });

  it("is ready where its run is resumed while it comes due, by an advance that waits for its row", async () => {
    let resumed: Promise<void> = Promise.resolve();
    const waits = between(async () => {
      resumed = resume();
      await expect.poll(() => blockedStatements(db.database.pool)).toBe(1);
    });
    expect(await readyDelayed(waits, 10)).toBe(0);
    await resumed;
    expect(await state()).toEqual({ state: "ready" });
  });
});
