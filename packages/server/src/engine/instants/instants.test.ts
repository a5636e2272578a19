import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { definitionsOf, ECHO, workflowOf } from "../../../test/workflows.ts";

const THREE = workflowOf("test.three", [
  { id: "a", action: ECHO },
  { id: "b", action: ECHO },
  { id: "c", action: ECHO },
]);

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

it("records each of three instant steps before the next, in three commits and with no lease", async () => {
  const test = await startEngine(db.url, definitionsOf([THREE]));
  // Until its first look, a worker takes nothing at once: older attempts may wait.
  await test.finish("test.three");
  const before = test.engine.counters.flushes;
  const { id } = await test.finish("test.three");
  expect(test.engine.counters.flushes - before).toBe(3);
  await test.close();
  const { rows } = await db.database.pool.query(
    "SELECT slot, number, status, session_id IS NOT NULL AS worked FROM attempts WHERE run_id = $1 ORDER BY slot",
    [id],
  );
  expect(rows).toEqual(
    ["a", "b", "c"].map((slot) => ({ slot, number: 1, status: "success", worked: true })),
  );
});

it("gives out again what an ended session was carrying out at once", async () => {
  const definitions = definitionsOf([THREE]);
  const api = await startEngine(db.url, definitions, { roles: ["api"] });
  const id = await api.start("test.three");
  const gone = randomUUID();
  await db.database.pool.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at, ended_at)
     VALUES ($1, 'gone', 1, '', '{worker}', false, now(), now())`,
    [gone],
  );
  await db.database.pool.query("DELETE FROM dispatch WHERE run_id = $1", [id]);
  await db.database.pool.query("UPDATE runs SET instant_by = $2 WHERE id = $1", [id, gone]);
  expect(await api.engine.steps(id)).toMatchObject([
    { id: "a", status: "running", attempts: [{ number: 1, status: "running", worker: gone }] },
    { id: "b", status: "queued" },
    { id: "c", status: "queued" },
  ]);

  const ended = api.engine.waitForEnd(id, 10_000);
  const worker = await startEngine(db.url, definitions, { roles: ["worker", "scheduler"] });
  expect(await ended).toMatchObject({ status: "success" });
  const steps = await api.engine.steps(id);
  expect(steps?.[0]?.attempts.map(({ status }) => status)).toEqual(["lost", "success"]);
  await worker.close();
  await api.close();
});
