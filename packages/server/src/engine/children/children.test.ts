import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, SLEEP, workflowOf } from "../../../test/workflows.ts";
import { readChildEnd } from "./children.store.ts";

const callOf = (ref: string) => actionOf(ref, { kind: "workflow" });

const WORKFLOWS = [
  workflowOf("test.leaf", [{ id: "a", action: ECHO, with: { n: "${{ input.n * 2 }}" } }], {
    n: "${{ steps.a.output.n }}",
  }),
  workflowOf(
    "test.middle",
    [{ id: "call", action: callOf("test.leaf"), with: { n: "${{ input.n + 1 }}" } }],
    "${{ steps.call.output.n }}",
  ),
  workflowOf(
    "test.top",
    [
      {
        id: "each",
        action: callOf("test.middle"),
        forEach: "input.ns",
        with: { n: "${{ item }}" },
      },
    ],
    "${{ steps.each.output }}",
  ),
  workflowOf("test.bad", [{ id: "no", action: FAIL, with: { message: "broken" } }]),
  workflowOf("test.calls-bad", [
    { id: "call", action: callOf("test.bad"), retry: { attempts: 2, delayMs: 20 } },
  ]),
  workflowOf("test.sleeps", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]),
  workflowOf("test.calls-sleeps", [
    { id: "each", action: callOf("test.sleeps"), forEach: "input.ns" },
  ]),
  workflowOf("test.calls-sleep", [{ id: "call", action: callOf("test.sleeps") }]),
];

describe("a run that is a step of another", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf(WORKFLOWS));
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
  });

  async function childrenOf(id: string): Promise<{ id: string; state: string }[]> {
    const { rows } = await db.database.pool.query(
      "SELECT child_id AS id, state FROM children WHERE parent_id = $1 ORDER BY slot",
      [id],
    );
    return rows;
  }

  /** The child, once it is born. */
  async function bornChild(parent: string): Promise<string> {
    return await expect
      .poll(async () => (await childrenOf(parent)).find(({ state }) => state === "started")?.id)
      .toBeDefined()
      .then(async () => (await childrenOf(parent))[0]?.id as string);
  }

  it("gives its output to the step, through two levels and for every item in order", async () => {
    const run = await test.finish("test.top", { ns: [3, 1, 2] });
    expect(run).toMatchObject({ status: "success", output: [8, 4, 6] });
    expect(await childrenOf(run.id)).toEqual([]);
    const steps = await test.engine.steps(run.id);
    const child = steps?.[0]?.items?.[0]?.attempts[0]?.run as string;
    expect(await test.engine.run(child)).toMatchObject({
      ref: "test.middle",
      parent_id: run.id,
      created_by: `run:${run.id}`,
      output: 8,
    });
    expect(await test.engine.verify(run.id)).toMatchObject({ same: true });
  });

  it("fails the step when it fails, after as many runs as the step has tries", async () => {
    const run = await test.finish("test.calls-bad");
    expect(run).toMatchObject({ status: "failed" });
    expect(run.error?.message).toContain("broken");
    const steps = await test.engine.steps(run.id);
    expect(steps?.[0]?.attempts.map(({ status }) => status)).toEqual(["failed", "failed"]);
    const last = steps?.[0]?.attempts.at(-1)?.run;
    const told = await test.engine.explain(run.id);
    expect(told?.summary).toBe(`ended: failed: ${run.error?.message}`);
    expect(told?.chain.join()).not.toContain(run.error?.message);
    expect(told?.chain.at(-1)).toMatch(
      new RegExp(`with status failed, by the error ${run.error?.code}$`),
    );
    expect(told?.unblock).toEqual([
      `see why a run that was its step failed: yard explain ${last}`,
      `see the output of its steps: yard logs ${run.id}`,
      `try it again, with what had succeeded: yard retry ${run.id}`,
    ]);
    const child = await test.engine.explain(last as string);
    expect(child?.unblock.at(-1)).toBe(
      `try the run that it is a step of again: yard retry ${run.id}`,
    );
  });

  it("is told in the order of the items of its step while it is waited for", async () => {
    const id = await test.start("test.calls-sleeps", {
      ns: Array.from({ length: 12 }, (_, i) => i),
    });
    const waits = async () => (await test.engine.explain(id))?.chain.slice(1) ?? [];
    await expect.poll(waits).toHaveLength(12);
    expect((await waits()).map((line) => line.split(":")[0])).toEqual(
      Array.from({ length: 12 }, (_, i) => `step each#${i}`),
    );
    await test.engine.cancel(id, "test");
    expect(await test.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "canceled" });
  });

  it("is waited for with its name, and canceled with its parent", async () => {
    const id = await test.start("test.calls-sleep");
    const child = await bornChild(id);
    expect(await test.engine.run(id)).toMatchObject({ status: "waiting" });
    const told = await test.engine.explain(id);
    expect(told?.chain.join("\n")).toContain(child);
    expect(await test.engine.steps(id)).toMatchObject([{ reason: `waits for its run ${child}` }]);
    await test.engine.cancel(id, "test");
    expect(await test.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "canceled" });
    expect(await test.engine.run(child)).toMatchObject({ status: "canceled" });
  });

  it("is said to have been canceled, and by whom, where it was canceled by itself", async () => {
    const id = await test.start("test.calls-sleep");
    const child = await bornChild(id);
    const ended = test.engine.waitForEnd(id, 10_000);
    await test.engine.cancel(child, "token:ada");
    const told = `its sub-workflow was canceled by token:ada (run ${child})`;
    expect(await ended).toMatchObject({
      status: "failed",
      error: { code: "canceled", message: `step "call": ${told}` },
    });
    expect(await test.engine.steps(id)).toMatchObject([
      { status: "canceled", error: { message: told } },
    ]);
    expect((await test.engine.run(child))?.error?.message).toBe("the run was canceled");
    expect(await readChildEnd(db.database.pool, child)).toMatchObject({ canceledBy: "token:ada" });
    expect(await test.engine.verify(id)).toMatchObject({ same: true });
  });

  it("is born, stopped and told of by others when the process that was to do it is gone", async () => {
    const api = await startEngine(db.url, definitionsOf(WORKFLOWS), { roles: ["api"] });
    const id = await api.start("test.calls-sleep");
    const child = await bornChild(id);
    await api.close();
    const { pool } = db.database;
    // As if it had died before the birth, and then before it told of the end.
    await pool.query("DELETE FROM timers WHERE run_id = $1", [child]);
    await pool.query("DELETE FROM journal WHERE run_id = $1", [child]);
    await pool.query("DELETE FROM runs WHERE id = $1", [child]);
    await pool.query("UPDATE children SET state = 'new' WHERE child_id = $1", [child]);
    await expect.poll(async () => (await test.engine.run(child))?.status).toBe("waiting");
    await pool.query(
      `WITH gone AS (DELETE FROM runs WHERE id = $1 RETURNING *)
       INSERT INTO run_history (id, version, ref, input, created_at, created_by, status, output, finished_at)
       SELECT id, version, ref, input, created_at, created_by, 'success', '"told"', now() FROM gone`,
      [child],
    );
    await pool.query("UPDATE children SET state = 'ended' WHERE child_id = $1", [child]);
    expect(await test.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "success" });
    expect((await test.engine.steps(id))?.[0]?.output).toBe("told");
  });
});
