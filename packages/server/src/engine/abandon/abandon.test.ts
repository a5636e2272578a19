import { type ActionDefinition, CORE_ACTIONS, type WorkflowDefinition } from "@yardmaster/kernel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, SLEEP, workflowOf } from "../../../test/workflows.ts";
import type { DefinitionSource } from "../engine.types.ts";

const callOf = (ref: string) => actionOf(ref, { kind: "workflow" });
const HANG = actionOf("test.hang", { kind: "process", script: "sleep 60", output: "none" });
const SHORT = actionOf("test.short", { kind: "process", script: "echo ran", output: "text" });
const NAP = { action: SLEEP, with: { duration: "1h" }, needs: [] };
const ASK = CORE_ACTIONS.get("core.ask") as ActionDefinition;
const LANE = { name: "line", concurrency: null, keyConcurrency: null, fifo: true };

const GONE: WorkflowDefinition[] = [
  workflowOf("test.child", [
    { id: "work", action: SHORT },
    { id: "nap", ...NAP },
  ]),
  {
    ...workflowOf("test.tree", [
      { id: "done", action: ECHO },
      { id: "work", action: SHORT, needs: ["done"], queue: "line", key: "k" },
      { id: "free", action: SHORT, needs: ["done"] },
      { id: "nap", ...NAP, needs: ["done"] },
      { id: "call", action: callOf("test.child"), needs: ["done"] },
    ]),
    finally: workflowOf("test.cleanup", [{ id: "cleanup", action: ECHO }]).steps,
  },
  workflowOf("test.asks", [{ id: "ask", action: ASK, with: { prompt: "?", timeout: "1h" } }]),
  {
    ...workflowOf("test.cleans-up", [{ id: "hang", action: HANG }]),
    finally: workflowOf("test.cleanup", [{ id: "cleanup", action: SHORT }]).steps,
  },
];
const KNOWN = [workflowOf("test.known", [{ id: "one", action: SHORT, queue: "line", key: "k" }])];
const PATIENCE = { timeout: 15_000, interval: 20 };

describe("a run whose definition is not there", () => {
  let db: TestDatabase;
  const engines: TestEngine[] = [];
  beforeEach(async () => {
    db = await createTestDatabase();
  });
  afterEach(async () => {
    for (const one of engines.splice(0)) await one.close();
    await db.drop();
  });

  async function engine(
    definitions: DefinitionSource,
    roles: readonly ("api" | "worker" | "scheduler")[] = ["api", "worker", "scheduler"],
    process = 8,
  ): Promise<TestEngine> {
    const one = await startEngine(db.url, definitions, { roles, process });
    engines.push(one);
    return one;
  }

  /** Begun by a process that has its definition, starts no process of its own, and is gone. */
  async function leftBehind(ref: string): Promise<string> {
    const front = await engine(definitionsOf([...GONE, ...KNOWN]), ["api", "worker"], 0);
    await front.engine.setQueues([LANE]);
    const id = await front.start(ref);
    await expect.poll(rows, PATIENCE).toMatchObject({ timers: ref === "test.tree" ? 2 : 1 });
    await front.close();
    engines.pop();
    return id;
  }

  const rows = async (): Promise<Record<string, number>> =>
    (
      await db.database.pool.query(
        `SELECT (SELECT count(*)::int FROM runs) AS runs, (SELECT count(*)::int FROM dispatch) AS dispatch,
                (SELECT count(*)::int FROM leases) AS leases, (SELECT count(*)::int FROM timers) AS timers,
                (SELECT count(*)::int FROM children) AS children, (SELECT count(*)::int FROM queue_keys) AS keys`,
      )
    ).rows[0];

  it("says why it stands still, and is ended by a cancel, with its attempts, timers and the runs that are its steps", async () => {
    const id = await leftBehind("test.tree");
    let known = definitionsOf([...KNOWN]);
    const { engine: alone, start } = await engine({
      ...known,
      pinned: (ref, digest) => known.pinned(ref, digest),
    });
    const [child] = (await alone.runs({ parentId: id, limit: 1 })).rows;
    const all = { runs: 2, dispatch: 3, leases: 0, timers: 2, children: 1, keys: 1 };
    await expect.poll(rows, PATIENCE).toEqual(all);
    expect(await alone.explain(id)).toMatchObject({
      chain: expect.arrayContaining([expect.stringMatching(/is not there: no test.tree\. It is/)]),
      unblock: expect.arrayContaining([expect.stringContaining(`yard cancel ${id}: ends it`)]),
    });
    const behind = await start("test.known");
    const ended = alone.waitForEnd(behind, 15_000);
    expect(await alone.cancel(id, "token:ann")).toMatchObject({
      status: "canceled",
      error: { code: "canceled", message: expect.stringContaining("without its cleanup") },
    });
    expect(await alone.run(child?.id as string)).toMatchObject({ status: "canceled" });
    expect((await ended)?.status).toBe("success");
    const none = { runs: 0, dispatch: 0, leases: 0, timers: 0, children: 0, keys: 0 };
    expect(await rows()).toEqual(none);
    await expect(alone.cancel(id, "token:ann")).rejects.toMatchObject({ code: "already_final" });

    known = definitionsOf([...GONE, ...KNOWN]);
    expect(await alone.verify(id)).toMatchObject({ same: true });
    const steps = (await alone.steps(id)) ?? [];
    const statuses = Object.fromEntries(steps.map((step) => [step.id, step.status]));
    const stopped = { work: "canceled", free: "canceled", nap: "canceled", call: "canceled" };
    expect(statuses).toEqual({ done: "success", ...stopped });
    expect(steps.find((step) => step.id === "work")?.attempts).toMatchObject([
      { number: 1, status: "canceled" },
    ]);
    expect((await alone.explain(id))?.chain).toContainEqual(
      expect.stringMatching(/^its cancel was asked by token:ann at /),
    );
    const again = await alone.prepareRetry(id, { by: "test", isDryRun: true });
    expect(again.taken?.steps).toEqual(["done"]);
  });

  it("is canceled in order, with its cleanup, by the process that has it, whoever was asked", async () => {
    const holder = await engine(definitionsOf(GONE), ["api", "worker"]);
    const other = await engine(definitionsOf([]), ["api", "scheduler"]);
    const id = await holder.start("test.cleans-up");
    await expect.poll(rows, PATIENCE).toMatchObject({ leases: 1 });
    expect(await other.engine.cancel(id, "token:ann")).toMatchObject({
      status: "running",
      reason: expect.stringContaining("a stop was asked"),
    });
    expect(await holder.engine.waitForEnd(id, 9_000)).toMatchObject({ status: "canceled" });
    const steps = (await holder.engine.steps(id))?.map((step) => [step.id, step.status]);
    expect(steps).toEqual([
      ["hang", "canceled"],
      ["cleanup", "success"],
    ]);
  });

  it("goes on with the process that has its definition, though others without it are there to claim its attempts", async () => {
    const front = await engine(definitionsOf([...GONE, ...KNOWN]), ["api"]);
    await engine(definitionsOf([]), ["api", "worker", "scheduler"]);
    const ids = await Promise.all(KNOWN.flatMap(({ ref }) => [front.start(ref), front.start(ref)]));
    await expect.poll(rows, PATIENCE).toMatchObject({ dispatch: 2, leases: 0 });
    await engine(definitionsOf([...GONE, ...KNOWN]), ["worker", "scheduler"]);
    for (const id of ids)
      expect(await front.engine.waitForEnd(id, 15_000)).toMatchObject({ status: "success" });
  });

  it("is told of its timers later, and leaves no lease behind when it is gone", async () => {
    await leftBehind("test.child");
    await db.database.pool.query("UPDATE timers SET due_at = now()");
    // Without a worker: a claim under way would put back what it leased of a run that is deleted here beside it.
    await engine(definitionsOf(KNOWN), ["api", "scheduler"]);
    const dueInS = async () =>
      (
        await db.database.pool.query(
          "SELECT extract(epoch FROM due_at - now())::int AS s FROM timers",
        )
      ).rows[0].s;
    await expect.poll(dueInS, PATIENCE).toBeGreaterThan(20);
    // As if its process had died after it had ended the run, while its attempt was being claimed.
    await db.database.pool.query("DELETE FROM dispatch");
    await db.database.pool.query("DELETE FROM leases");
    await db.database.pool.query("DELETE FROM runs");
    const left = await db.database.pool.query(
      `INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue)
       SELECT gen_random_uuid(), 'work', 1, id, now(), '' FROM sessions WHERE ended_at IS NOT NULL LIMIT 1`,
    );
    expect(left.rowCount).toBe(1);
    await expect.poll(rows, PATIENCE).toMatchObject({ leases: 0 });
  });

  it("has its open questions withdrawn with it, and takes no answer from then on", async () => {
    const id = await leftBehind("test.asks");
    const { engine: alone } = await engine(definitionsOf(KNOWN));
    const [open] = (await alone.inquiries({ runId: id, limit: 1 })).rows;
    const answer = () => alone.answer(open?.id as string, { ok: true }, { by: "token:ann" });
    await expect(answer()).rejects.toMatchObject({ code: "definition_missing" });
    expect(await alone.inquiry(open?.id as string)).toMatchObject({ status: "open" });
    expect(await alone.cancel(id, "token:ann")).toMatchObject({ status: "canceled" });
    expect(await alone.inquiry(open?.id as string)).toMatchObject({ status: "canceled" });
    await expect(answer()).rejects.toMatchObject({ code: "conflict" });
  });
});
