import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, NOOP, SLEEP, workflowOf } from "../../../test/workflows.ts";

const NAP = workflowOf("test.nap", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]);
const forEach = "lists.range(30)";
const WORKFLOWS = [
  NAP,
  workflowOf("test.queued", [{ id: "each", action: NOOP, forEach, queue: "held" }]),
  workflowOf("test.calls", [
    { id: "each", action: actionOf(NAP.ref, { kind: "workflow" }), forEach },
  ]),
];

describe("the explanation of a run of many items", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf(WORKFLOWS));
    await db.database.pool.query(
      "INSERT INTO queues (name, paused_by) VALUES ('held', 'token:ada')",
    );
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
  });

  it("tells items that wait for the same thing once, with their number", async () => {
    const id = await test.start("test.queued");
    const told = await test.engine.explain(id);
    const waits = told?.chain.filter((line) => line.includes("waits in queue"));
    expect(waits).toEqual([
      expect.stringMatching(/^step each#0 and 29 more of its items: waits in/),
    ]);
    expect(told?.unblock).toEqual(["yard queues resume held"]);
    await test.engine.cancel(id, "test");
  });

  it("tells twenty of the runs that it waits for, and how many more there are", async () => {
    const id = await test.start("test.calls");
    await expect
      .poll(async () => (await test.engine.explain(id))?.chain)
      .toContain("and 10 more runs of its steps");
    const told = await test.engine.explain(id);
    expect(told?.chain.filter((line) => line.startsWith("step each#"))).toHaveLength(20);
    await test.engine.cancel(id, "test");
    expect(await test.engine.waitForEnd(id, 20_000)).toMatchObject({ status: "canceled" });
  });
});
