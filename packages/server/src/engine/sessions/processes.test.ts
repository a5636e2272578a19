import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { definitionsOf } from "../../../test/workflows.ts";

let db: TestDatabase;
let one: TestEngine;
let two: TestEngine;
beforeAll(async () => {
  db = await createTestDatabase();
  one = await startEngine(db.url, definitionsOf([]), { host: "left" });
  two = await startEngine(db.url, definitionsOf([]), { host: "right", roles: ["api"] });
});
afterAll(async () => {
  await two?.close();
  await one?.close();
  await db?.drop();
});

it("tells the others where its API listens", async () => {
  const { processes } = one.engine;
  await processes.announce("http://left:1");
  const seen = { id: processes.id(), host: "left", url: "http://left:1" };
  await expect.poll(() => two.engine.processes.living()).toContainEqual(seen);
  await expect
    .poll(() => one.engine.processes.living())
    .toContainEqual({ id: two.engine.processes.id(), host: "right", url: null });
});

it("takes its address along into a new session, and knows the old one for gone", async () => {
  const { processes } = one.engine;
  await processes.announce("http://left:2");
  const before = processes.id();
  expect(await two.engine.processes.endedAmong([before])).toEqual([]);
  await db.database.pool.query("UPDATE sessions SET ended_at = now() WHERE id = $1", [before]);
  await vi.waitFor(() => expect(processes.id()).not.toBe(before));
  await expect
    .poll(() => two.engine.processes.living())
    .toContainEqual({ id: processes.id(), host: "left", url: "http://left:2" });
  expect(await two.engine.processes.endedAmong([before, processes.id()])).toEqual([before]);
});
