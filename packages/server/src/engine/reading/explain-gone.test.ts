import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../../test/workflows.ts";

const TRUE = actionOf("test.true", { kind: "process", script: "true", output: "none" });
const WORK = workflowOf("test.work", [{ id: "work", action: TRUE }]);
const IN_LINE = workflowOf("test.in-line", [{ id: "work", action: TRUE, queue: "narrow" }]);

let db: TestDatabase;
let test: TestEngine;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startEngine(db.url, definitionsOf([WORK, IN_LINE]), { roles: ["api"] });
});
afterAll(async () => {
  await test?.close();
  await db?.drop();
});

const ELSEWHERE = randomUUID();

/** Another process, which works and keeps time: it lives, or was killed and nobody has ended its session yet. */
async function elsewhere(is: "living" | "killed", resting?: string): Promise<void> {
  await db.database.pool.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at, resting)
     VALUES ($1, 'elsewhere', 1, '1', '{worker,scheduler}', false, clock_timestamp() + $2::interval, $3)
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, resting = excluded.resting`,
    [ELSEWHERE, is === "living" ? "1 hour" : "-1 minute", resting],
  );
}

it("says of what is due, and of what a killed process has, that no scheduler lives to see to it", async () => {
  await elsewhere("killed");
  expect((await test.engine.sessions()).map(({ roles }) => roles)).toEqual([["api"]]);

  const asleep = await test.start("core.sleep", { duration: "1h" });
  const told = await test.engine.explain(asleep);
  expect(told?.chain).toContainEqual(expect.stringContaining("no scheduler lives"));
  expect(told?.unblock).toEqual(["start a scheduler: yard start --roles scheduler"]);

  const taken = await test.start("test.work");
  expect((await test.engine.explain(taken))?.chain).toContainEqual(
    expect.stringContaining("0 workers live"),
  );
  await db.database.pool.query(
    `WITH d AS (DELETE FROM dispatch WHERE run_id = $1 RETURNING *)
     INSERT INTO leases (run_id, slot, number, session_id, queue, key, leased_at)
     SELECT run_id, slot, number, $2, queue, key, now() FROM d`,
    [taken, ELSEWHERE],
  );
  const lost = await test.engine.explain(taken);
  expect(lost?.chain).toContainEqual(
    expect.stringContaining(`was on worker ${ELSEWHERE}, which is gone since`),
  );
  expect(lost?.unblock).toContain("start a scheduler: yard start --roles scheduler");

  await elsewhere("living");
  expect(JSON.stringify(await test.engine.explain(asleep))).not.toContain("no scheduler lives");
  expect((await test.engine.explain(taken))?.chain).toContainEqual(
    expect.stringContaining(`on worker ${ELSEWHERE}`),
  );
});

it("says of what waits in a queue with room that no worker lives, and not that its limit is in the way", async () => {
  await elsewhere("killed");
  const limits = { concurrency: 2, keyConcurrency: null, fifo: false, rate: null };
  await test.engine.setQueues([{ name: "narrow", ...limits }]);
  const waiting = await test.start("test.in-line");
  const alone = await test.engine.explain(waiting);
  expect(alone?.chain).toContainEqual("no worker lives");
  expect(alone?.unblock).toEqual(["start a worker: yard start --roles worker"]);

  await elsewhere("living");
  expect((await test.engine.explain(waiting))?.unblock).toEqual([
    "a worker that ends what it runs takes the next in line",
  ]);

  await elsewhere("living", "its disk is full");
  expect(await test.engine.explain(waiting)).toMatchObject({
    chain: expect.arrayContaining([
      `worker ${ELSEWHERE} on elsewhere rests from processes: its disk is full`,
    ]),
    unblock: [expect.stringMatching(/^see to what the worker says/)],
  });
});
