import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, SLEEP, workflowOf } from "../../../test/workflows.ts";
import type { RunRow } from "./reading.store.ts";
import { runRecord } from "./run-record.ts";

const INNER = workflowOf("test.inner", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]);
const OUTER = workflowOf("test.outer", [
  { id: "made", action: ECHO },
  { id: "call", action: actionOf("test.inner", { kind: "workflow" }) },
]);
const DOOMED = workflowOf("test.doomed", [
  { id: "nap", action: SLEEP, with: { duration: "1h" } },
  { id: "break", needs: [], action: FAIL, with: { message: "no" } },
]);
/** Its first step is undone by what fails. */
const UNDOES = {
  ...OUTER,
  steps: OUTER.steps.map((step) =>
    step.id === "made" ? { ...step, undo: { ...step, id: "made~undo", action: FAIL } } : step,
  ),
};

describe("the explanation of a run that does not go on", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf([INNER, UNDOES, DOOMED]));
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
  });

  it("names who canceled it, what could not be undone and why, and of its steps' runs the run they belong to", async () => {
    const id = await test.start("test.outer");
    const children = async () => (await test.engine.runs({ parentId: id, limit: 1 })).rows;
    await expect.poll(children).toHaveLength(1);
    const [child] = await children();
    const ended = test.engine.waitForEnd(id, 10_000);
    await test.engine.cancel(id, "token:test");
    expect(await ended).toMatchObject({ status: "canceled" });
    const chain = (await test.engine.explain(id))?.chain;
    expect(chain).toContainEqual(expect.stringMatching(/^its cancel was asked by token:test at /));
    expect(chain).toContainEqual(expect.stringMatching(/^undo of "made" failed: action_failed: /));
    expect((await test.engine.explain(child?.id as string))?.chain).toContainEqual(
      expect.stringMatching(`^canceled at .* with run ${id}, of which it is a step$`),
    );
  });

  it("says that it fails, and by what, while something of it is open still", async () => {
    const id = await test.start("test.doomed");
    const chain = async () => (await test.engine.explain(id))?.chain;
    await expect
      .poll(chain)
      .toContainEqual(
        'it fails (step "break": no) once what is open has ended: nothing else of its steps is started',
      );
    expect(await chain()).toContainEqual(expect.stringMatching(/^step nap: waits until /));
    expect(await test.engine.cancel(id, "test")).toMatchObject({ status: "canceled" });
  });
});

it.each([
  [{ leased: 1 }, "running", "a stop was asked; its attempts are being stopped"],
  [{ children: 1 }, "waiting", "a stop was asked; the runs that it started are being stopped"],
  [{ ready: 1 }, "waiting", "a stop was asked; nothing of it runs"],
])("a run that is being stopped with %o is %s: %s", (counts, status, reason) => {
  const none = { leased: 0, ready: 0, delayed: 0, timers: 0, children: 0 };
  const live = { ...none, queue: null, runner: null, due_at: null, ...counts };
  const row = { id: "0", version: 2, status: null, canceling: true, traceparent: "t", live };
  expect(runRecord(row as unknown as RunRow)).toMatchObject({ status, reason });
});
