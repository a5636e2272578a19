import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, SLEEP, workflowOf } from "../../test/workflows.ts";

const SHELL = (script: string) =>
  actionOf("test.shell", { kind: "process", script, output: "text" });

const WORKFLOWS = [
  workflowOf(
    "test.three",
    [
      { id: "a", action: ECHO, with: { n: "${{ input.n }}" } },
      { id: "b", action: ECHO, with: { n: "${{ steps.a.output.n + 1 }}" } },
      { id: "c", action: ECHO, with: { n: "${{ steps.b.output.n + 1 }}" } },
    ],
    { n: "${{ steps.c.output.n }}" },
  ),
  workflowOf(
    "test.fan",
    [
      {
        id: "each",
        action: ECHO,
        forEach: "input.items",
        concurrency: 3,
        with: { it: "${{ item }}" },
      },
    ],
    "${{ steps.each.output.map(o, o.it) }}",
  ),
  workflowOf("test.fat", [
    {
      id: "each",
      action: ECHO,
      forEach: "input.items",
      concurrency: 10,
      with: { it: "${{ input.text }}" },
    },
  ]),
  workflowOf("test.sleepy", [{ id: "nap", action: SLEEP, with: { duration: "300ms" } }]),
  workflowOf("test.long-sleep", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]),
  workflowOf("test.broken", [
    { id: "bad", action: FAIL, with: { message: "no" } },
    { id: "after", action: ECHO },
  ]),
  workflowOf("test.flaky", [
    {
      id: "flaky",
      action: FAIL,
      with: { message: "no" },
      retry: { attempts: 3, delayMs: 50, maxDelayMs: 50 },
    },
  ]),
  workflowOf("test.hang", [{ id: "hang", action: SHELL("sleep 60") }]),
  workflowOf("test.deaf", [
    { id: "deaf", action: SHELL("trap '' TERM; echo up; while :; do sleep 0.05; done") },
  ]),
  workflowOf("test.slow", [{ id: "slow", action: SHELL("sleep 60"), timeoutMs: 200 }]),
  workflowOf(
    "test.hello",
    [{ id: "hello", action: SHELL("echo log >&2; echo hello") }],
    "${{ steps.hello.output }}",
  ),
];

const NAP = workflowOf("test.nap", [{ id: "nap", action: SLEEP, with: { duration: "1h" } }]).steps;
for (const [name, step] of [
  ["done", ECHO],
  ["napping", SLEEP],
] as const)
  WORKFLOWS.push({
    ...workflowOf(`test.${name}-then-cleanup`, [
      { id: "first", action: step, with: { duration: "1h" } },
    ]),
    finally: NAP,
  });

describe("the engine", () => {
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

  it("runs steps one after the other and passes results on", async () => {
    const run = await test.finish("test.three", { n: 1 });
    expect(run).toMatchObject({ status: "success", output: { n: 3 }, error: null });
    expect(await test.engine.run(run.id)).toEqual(run);
  });

  it("keeps the order of items whatever their concurrency", async () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    expect(await test.finish("test.fan", { items })).toMatchObject({
      status: "success",
      output: items,
    });
  });

  it("sleeps as a row and wakes in time", async () => {
    const startedAt = performance.now();
    expect(await test.finish("test.sleepy")).toMatchObject({ status: "success" });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
  });

  it("fails with the failed step and starts nothing after it", async () => {
    const run = await test.finish("test.broken");
    expect(run).toMatchObject({
      status: "failed",
      error: { code: "action_failed", details: { step: "bad" } },
    });
    const steps = await test.engine.steps(run.id);
    expect(steps?.map(({ id, status }) => [id, status])).toEqual([
      ["bad", "failed"],
      ["after", "canceled"],
    ]);
  });

  it("tries again as often as the policy says, with the delay as a row", async () => {
    const run = await test.finish("test.flaky");
    const [step] = (await test.engine.steps(run.id)) ?? [];
    expect(step?.attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, "failed"],
      [2, "failed"],
      [3, "failed"],
    ]);
  });

  it("runs a process and keeps what it printed", async () => {
    const run = await test.finish("test.hello");
    expect(run).toMatchObject({ status: "success", output: "hello" });
    const lines = await test.engine.logs(run.id, { limit: 10 });
    expect(lines.map(({ stream, text }) => [stream, text])).toContainEqual(["stderr", "log\n"]);
  });

  it("keeps so much of a run's results that it can be read as a whole, and fails what has no room", async () => {
    const id = await test.start("test.fat", {
      items: Array.from({ length: 70 }, () => 0),
      text: "x".repeat(1_000_000),
    });
    expect(await test.engine.waitForEnd(id, 30_000)).toMatchObject({
      status: "failed",
      error: {
        code: "items_failed",
        message: expect.stringContaining(
          "3 of 70 items failed; the first: The results of this run",
        ),
      },
    });
  });

  it("cancels a running process", async () => {
    const id = await test.start("test.hang");
    const ended = test.engine.waitForEnd(id, 20_000);
    await test.engine.cancel(id, "test");
    expect(await ended).toMatchObject({ status: "canceled" });
  });

  it("breaks a process off that takes its time after a cancel, when it stops itself", async () => {
    const stopping = await startEngine(db.url, definitionsOf(WORKFLOWS));
    const id = await stopping.start("test.deaf");
    const said = async () => (await stopping.engine.logs(id, { limit: 1 })).length;
    await expect.poll(said, { timeout: 10_000 }).toBe(1);
    await stopping.engine.cancel(id, "test");
    const startedMs = performance.now();
    await stopping.close(); // With a grace of 1 s; that of the cancel is 10 s.
    expect(performance.now() - startedMs).toBeLessThan(9_000);
  });

  it("cancels a sleep at once", async () => {
    const id = await test.start("test.long-sleep");
    expect(await test.engine.run(id)).toMatchObject({ status: "waiting" });
    expect(await test.engine.cancel(id, "test")).toMatchObject({ status: "canceled" });
  });

  it("refuses a cancel that comes when nothing but the cleanup of a run is left, and not one that is asked again", async () => {
    const done = await test.start("test.done-then-cleanup");
    await expect(test.engine.cancel(done, "test")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("it ends as success once its `finally` is done"),
    });
    expect((await test.engine.explain(done))?.chain).toContainEqual(
      "its steps are over, and it ends as success once its `finally` is done",
    );
    const napping = await test.start("test.napping-then-cleanup");
    await test.engine.cancel(napping, "test");
    await expect
      .poll(async () => (await test.engine.steps(napping))?.map(({ status }) => status))
      .toEqual(["canceled", "waiting"]);
    expect(await test.engine.cancel(napping, "test")).toMatchObject({ status: "waiting" });
  });

  it("ends a step that outlives its timeout", async () => {
    expect(await test.finish("test.slow")).toMatchObject({
      status: "failed",
      error: { code: "timed_out" },
    });
  });

  it("refuses an input of more than 1 MiB, and tells the sizes", () => {
    const request = { ref: "test.three", input: { n: "x".repeat(1024 * 1024) }, createdBy: "test" };
    expect(() => test.engine.prepare(request)).toThrow(/at most 1048576/);
  });

  it("keeps any text through flushes of many runs", async () => {
    const texts = Array.from(
      { length: 40 },
      (_, i) => `${i} "quoted" back\\slash {brace} ü 😀 NULL \n`,
    );
    const runs = await Promise.all(texts.map((n) => test.finish("core.echo", { n })));
    expect(runs.map((run) => run.output)).toEqual(texts.map((n) => ({ n })));
    const stored = await Promise.all(runs.map((run) => test.engine.run(run.id)));
    expect(stored).toEqual(runs);
  });

  it("gives the same decisions again when it verifies a run", async () => {
    const run = await test.finish("test.fan", { items: [1, 2, 3, 4, 5] });
    expect(await test.engine.verify(run.id)).toMatchObject({ same: true });
  });
});
