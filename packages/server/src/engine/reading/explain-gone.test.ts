import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../../test/workflows.ts";

const WORK = workflowOf("test.work", [
  {
    id: "work",
    action: actionOf("test.true", { kind: "process", script: "true", output: "none" }),
  },
]);

let db: TestDatabase;
let test: TestEngine;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startEngine(db.url, definitionsOf([WORK]), { roles: ["api"] });
});
afterAll(async () => {
  await test?.close();
  await db?.drop();
});

/** A process that was killed: nobody has ended its session yet. */
async function killedProcess(): Promise<string> {
  const { rows } = await db.database.pool.query<{ id: string }>(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at)
     VALUES ($1, 'elsewhere', 1, '1', '{worker,scheduler}', false, clock_timestamp() - interval '1 minute') RETURNING id`,
    [randomUUID()],
  );
  return rows[0]?.id as string;
}

it("says of what is due, and of what a killed process has, that no scheduler lives to see to it", async () => {
  const { pool } = db.database;
  const killed = await killedProcess();
  expect((await test.engine.sessions()).map(({ roles }) => roles)).toEqual([["api"]]);

  const asleep = await test.start("core.sleep", { duration: "1h" });
  const told = await test.engine.explain(asleep);
  expect(told?.chain).toContainEqual(expect.stringContaining("no scheduler lives"));
  expect(told?.unblock).toEqual(["start a scheduler: yard start --roles scheduler"]);

  const taken = await test.start("test.work");
  expect((await test.engine.explain(taken))?.chain).toContainEqual(
    expect.stringContaining("0 workers live"),
  );
  await pool.query(
    `WITH d AS (DELETE FROM dispatch WHERE run_id = $1 RETURNING *)
     INSERT INTO leases (run_id, slot, number, session_id, queue, key, leased_at)
     SELECT run_id, slot, number, $2, queue, key, now() FROM d`,
    [taken, killed],
  );
  const lost = await test.engine.explain(taken);
  expect(lost?.chain).toContainEqual(
    expect.stringContaining(`was on worker ${killed}, which is gone since`),
  );
  expect(lost?.unblock).toContain("start a scheduler: yard start --roles scheduler");

  await pool.query("UPDATE sessions SET expires_at = 'infinity' WHERE id = $1", [killed]);
  expect(JSON.stringify(await test.engine.explain(asleep))).not.toContain("no scheduler lives");
  expect((await test.engine.explain(taken))?.chain).toContainEqual(
    expect.stringContaining(`on worker ${killed}`),
  );
});
