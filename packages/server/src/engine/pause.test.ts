import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkflowDefinition } from "@yardmaster/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, workflowOf } from "../../test/workflows.ts";

const folder = mkdtempSync(join(tmpdir(), "yard-pause-"));
const callOf = (ref: string) => actionOf(ref, { kind: "workflow" });
/** Ends when the file of its input's name is there. */
const GATED = actionOf("test.gated", {
  kind: "process",
  script: `gate=$(sed 's/.*"gate":"\\([a-z]*\\)".*/\\1/'); until test -e ${folder}/$gate; do sleep 0.02; done`,
  output: "text",
});
const SHORT = actionOf("test.short", { kind: "process", script: "echo ran", output: "text" });

/** The second of its steps is undone when the gate of its input opens, and then the first. */
const UNDOING: WorkflowDefinition = (() => {
  const made = workflowOf("test.undoing", [
    { id: "first", action: SHORT },
    { id: "second", action: SHORT },
    { id: "broken", action: FAIL },
  ]);
  const gate = { gate: "${{ input.gate }}" };
  const undos = workflowOf("test.undos", [
    { id: "first~undo", action: SHORT },
    { id: "second~undo", action: GATED, with: gate },
  ]);
  const [first, second] = undos.steps;
  const steps = made.steps.map((step) => {
    const undo = { first, second }[step.id];
    return undo === undefined ? step : { ...step, undo: { ...undo, needs: [] } };
  });
  return { ...made, steps };
})();

const WORKFLOWS = [
  workflowOf("test.leaf", [
    { id: "gated", action: GATED, with: { gate: "${{ input.gate }}" } },
    { id: "instant", action: ECHO },
    { id: "process", action: SHORT },
  ]),
  workflowOf("test.middle", [
    { id: "call", action: callOf("test.leaf"), with: { gate: "${{ input.gate }}" } },
  ]),
  workflowOf("test.top", [
    { id: "call", action: callOf("test.middle"), with: { gate: "${{ input.gate }}" } },
  ]),
  workflowOf("test.short-leaf", [{ id: "one", action: ECHO }]),
  {
    ...workflowOf("test.cleans-up", [
      { id: "gated", action: GATED, with: { gate: "${{ input.gate }}" } },
      { id: "held", action: SHORT },
    ]),
    finally: workflowOf("test.cleanup", [{ id: "cleanup", action: SHORT }]).steps,
  },
  workflowOf("test.calls-cleaning", [
    { id: "call", action: callOf("test.cleans-up"), with: { gate: "${{ input.gate }}" } },
  ]),
  UNDOING,
  workflowOf("test.calls-undoing", [
    { id: "call", action: callOf("test.undoing"), with: { gate: "${{ input.gate }}" } },
  ]),
  workflowOf("test.calls-late", [
    { id: "gated", action: GATED, with: { gate: "${{ input.gate }}" } },
    { id: "call", action: callOf("test.short-leaf") },
  ]),
];

describe("the pause of a run", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf(WORKFLOWS));
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (gate: string): void => writeFileSync(join(folder, gate), "");
  const stepOf = async (id: string, step: string) =>
    (await test.engine.steps(id))?.find((one) => one.id === step);

  async function childOf(id: string): Promise<string> {
    const children = async () => (await test.engine.runs({ parentId: id, limit: 1 })).rows;
    await expect.poll(children).toHaveLength(1);
    return (await children())[0]?.id as string;
  }

  async function until(id: string, fields: object): Promise<void> {
    await expect.poll(async () => await test.engine.run(id)).toMatchObject(fields);
  }

  it("holds the runs that are its steps, and theirs, while what runs goes on, until it is resumed", async () => {
    const top = await test.start("test.top", { gate: "deep" });
    const middle = await childOf(top);
    const leaf = await childOf(middle);
    await until(leaf, { status: "running" });
    await test.engine.pause(top, "token:test");
    await until(leaf, {
      status: "running",
      reason: `paused with run ${middle}; what runs goes on`,
    });
    open("deep");
    await expect.poll(async () => (await stepOf(leaf, "gated"))?.status).toBe("success");
    await until(leaf, { status: "waiting", reason: `paused with run ${middle}` });
    expect(await test.engine.run(leaf)).toMatchObject({ paused_by: `run:${middle}` });
    await until(top, { status: "waiting", reason: "paused by token:test" });
    expect(await test.engine.run(top)).toMatchObject({ paused_by: "token:test" });
    expect(await stepOf(leaf, "instant")).toMatchObject({
      status: "queued",
      reason: "is not started before the run is resumed",
      attempts: [],
    });
    expect((await test.engine.explain(leaf))?.unblock).toContain(`yard runs resume ${top}`);
    await expect(test.engine.resume(leaf, "token:test")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`yard runs resume ${top}`),
    });
    const ended = test.engine.waitForEnd(top, 10_000);
    await test.engine.resume(top, "token:test");
    expect(await ended).toMatchObject({ status: "success" });
    expect((await test.engine.steps(leaf))?.map(({ status }) => status)).toEqual([
      ...["success", "success", "success"],
    ]);
    expect(await test.engine.verify(leaf)).toMatchObject({ same: true });
  });

  it("holds the birth of a run that it comes to call", async () => {
    const id = await test.start("test.calls-late", { gate: "late" });
    await until(id, { status: "running" });
    await test.engine.pause(id, "token:test");
    open("late");
    await until(id, { status: "waiting", reason: "paused by token:test" });
    await expect
      .poll(async () => (await test.engine.explain(id))?.chain.join("\n"))
      .toContain("step call: its run of test.short-leaf is not started yet");
    expect((await stepOf(id, "call"))?.reason).toBe("is not started before the run is resumed");
    // As if it had been left over: the sweep finds it, and must leave it.
    await db.database.pool.query(
      "UPDATE children SET moved_at = now() - interval '1 hour' WHERE parent_id = $1",
      [id],
    );
    // A run through the same scheduler's next rounds.
    open("next");
    await test.finish("test.calls-late", { gate: "next" });
    expect((await test.engine.runs({ parentId: id, limit: 1 })).rows).toEqual([]);
    const ended = test.engine.waitForEnd(id, 10_000);
    await test.engine.resume(id, "token:test");
    expect(await ended).toMatchObject({ status: "success" });
  });

  it("is over with a cancel, so that the cleanup runs and the run ends", async () => {
    const id = await test.start("test.cleans-up", { gate: "over" });
    await until(id, { status: "running" });
    await test.engine.pause(id, "token:test");
    open("over");
    await until(id, { status: "waiting", reason: "paused by token:test" });
    const ended = test.engine.waitForEnd(id, 10_000);
    await test.engine.cancel(id, "token:test");
    expect(await ended).toMatchObject({ status: "canceled" });
    expect((await test.engine.steps(id))?.map(({ status }) => status)).toEqual([
      ...["success", "canceled", "success"],
    ]);
    expect(await test.engine.verify(id)).toMatchObject({ same: true });
  });

  it("is over with the cancel of the run that it is a step of, so that the cleanup runs", async () => {
    const top = await test.start("test.calls-cleaning", { gate: "mine" });
    const child = await childOf(top);
    await until(child, { status: "running" });
    await test.engine.pause(child, "token:test");
    const ended = test.engine.waitForEnd(top, 10_000);
    await test.engine.cancel(top, "token:test");
    expect(await ended).toMatchObject({ status: "canceled" });
    expect(await test.engine.run(child)).toMatchObject({ status: "canceled" });
    expect((await stepOf(child, "cleanup"))?.status).toBe("success");
    expect(await test.engine.verify(child)).toMatchObject({ same: true });
  });

  it("is over with it in the midst of the cleanup too, and what was ready goes on at once", async () => {
    const top = await test.start("test.calls-undoing", { gate: "undo" });
    const child = await childOf(top);
    const undone = async (step: string) => (await stepOf(child, step))?.undo?.status;
    await expect.poll(() => undone("second")).toBe("running");
    await test.engine.pause(child, "token:test");
    open("undo");
    await until(child, { status: "waiting", reason: "paused by token:test" });
    const ended = test.engine.waitForEnd(top, 10_000);
    await test.engine.cancel(top, "token:test");
    expect(await ended).toMatchObject({ status: "canceled" });
    expect([await undone("second"), await undone("first")]).toEqual(["success", "success"]);
    expect(await test.engine.run(child)).toMatchObject({ status: "canceled" });
  });

  it("reaches a run that its process had not told, and leaves one its own pause", async () => {
    const { pool } = db.database;
    const top = await test.start("test.middle", { gate: "own" });
    const leaf = await childOf(top);
    // As if the process that paused it had died with that.
    await pool.query("UPDATE runs SET paused_by = 'token:gone' WHERE id = $1", [top]);
    await until(leaf, { reason: expect.stringContaining(`paused with run ${top}`) });
    await pool.query("UPDATE runs SET paused_by = NULL WHERE id = $1", [top]);
    await until(leaf, { reason: null });
    await test.engine.pause(leaf, "token:test");
    await test.engine.pause(top, "token:test");
    await test.engine.resume(top, "token:test");
    await until(leaf, { reason: expect.stringContaining("paused by token:test") });
    open("own");
    const ended = test.engine.waitForEnd(top, 10_000);
    await test.engine.resume(leaf, "token:test");
    expect(await ended).toMatchObject({ status: "success" });
  });
});
