import { type ActionDefinition, CORE_ACTIONS } from "@yardmaster/kernel";
import type { Inquiry, Json } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, SLEEP, workflowOf } from "../../../test/workflows.ts";

const ASK = CORE_ACTIONS.get("core.ask") as ActionDefinition;
const SCHEMA = { ok: "boolean!", note: "string" };
const DEPLOY = { prompt: "Deploy ${{ input.what }}?", title: "Deploy", schema: SCHEMA };
const ANSWERED = "${{ steps.ask.output }}";
const asking = (given: Json, more: object = {}) => ({
  id: "ask",
  action: ASK,
  with: given,
  ...more,
});

const DEFINITIONS = definitionsOf([
  workflowOf("test.ask", [asking(DEPLOY), { id: "then", action: ECHO, with: ANSWERED }], {
    said: ANSWERED,
  }),
  workflowOf("test.open", [asking({ prompt: "What?" })], ANSWERED),
  workflowOf("test.mine", [asking({ prompt: "You?", assigned_to: ["ann", "bob"] })]),
  workflowOf(
    "test.falls-back",
    [asking({ ...DEPLOY, timeout: "50ms", default: { ok: false } })],
    ANSWERED,
  ),
  workflowOf("test.times-out", [
    asking({ prompt: "?", timeout: "50ms" }, { retry: { attempts: 2, delayMs: 20 } }),
  ]),
  workflowOf("test.timed", [asking({ prompt: "?", timeout: "1h" })], ANSWERED),
  workflowOf(
    "test.each",
    [asking({ prompt: "Number ${{ item }}?" }, { forEach: "input.items", concurrency: 2_000 })],
    ANSWERED,
  ),
  workflowOf("test.bad-schema", [asking({ prompt: "?", schema: "${{ input.schema }}" })]),
  workflowOf("test.asks-and-fails", [
    asking({ prompt: "?" }, { needs: [] }),
    { id: "nap", action: SLEEP, needs: [], with: { duration: "20ms" } },
    { id: "no", action: actionOf("test.no", { kind: "core", name: "fail" }), needs: ["nap"] },
  ]),
  workflowOf("test.ask-then-fail", [
    asking({ prompt: "?" }),
    { id: "no", action: actionOf("test.no", { kind: "core", name: "fail" }), with: ANSWERED },
  ]),
  workflowOf("test.calls", [
    {
      ...{ id: "call", action: actionOf("test.ask", { kind: "workflow" }) },
      with: "${{ input }}",
    },
  ]),
  workflowOf(
    "test.watched",
    [
      {
        id: "work",
        action: {
          ...actionOf("test.work", {
            kind: "process",
            script: 'if [ "$YARD_ATTEMPT" = 1 ]; then sleep 60; fi; echo again',
            output: "text",
          }),
          asksOnLost: true,
        },
      },
    ],
    "${{ steps.work.output }}",
  ),
]);

describe("a question to a person", () => {
  let db: TestDatabase;
  let test: TestEngine;
  let other: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, DEFINITIONS);
    other = await startEngine(db.url, DEFINITIONS, { host: "other", roles: ["api"] });
  });
  afterAll(async () => {
    await other?.close();
    await test?.close();
    await db?.drop();
  });

  const questions = async (runId: string): Promise<readonly Inquiry[]> =>
    (await test.engine.inquiries({ runId, limit: 200 })).rows;
  const ask = async (ref: string, input: Json = {}): Promise<Inquiry> => {
    const runId = await test.start(ref, input);
    await expect.poll(() => questions(runId)).toHaveLength(1);
    return (await questions(runId))[0] as Inquiry;
  };
  const ended = (runId: string) => test.engine.waitForEnd(runId, 20_000);
  const by = { by: "token:ann" };

  it("waits as a row, with its reason, and the answer is the step's output", async () => {
    const inquiry = await ask("test.ask", { what: "it" });
    expect(inquiry).toMatchObject({
      ...{ status: "open", ref: "test.ask", step: "ask", attempt: 1, about: "step", index: null },
      ...{ title: "Deploy", prompt: "Deploy it?", assigned_to: null, expires_at: null },
      ...{ answer: null, answered_by: null },
      schema: { type: "object", required: ["ok"], additionalProperties: false },
    });
    const run = await test.engine.run(inquiry.run_id);
    expect(run).toMatchObject({
      status: "waiting",
      reason: `waits for an answer to inquiry ${inquiry.id}`,
    });
    const [step] = (await test.engine.steps(inquiry.run_id)) ?? [];
    expect(step).toMatchObject({ status: "waiting", inquiry: inquiry.id, reason: run?.reason });
    const { rows } = await db.database.pool.query(
      "SELECT run_id FROM dispatch UNION ALL SELECT run_id FROM leases",
    );
    expect(rows).toEqual([]);
    const answered = await test.engine.answer(inquiry.id, { ok: true }, by);
    expect(answered).toMatchObject({
      ...{ status: "answered", answer: { ok: true }, answered_by: "token:ann" },
      answered_at: expect.stringMatching(/Z$/),
    });
    const end = await ended(inquiry.run_id);
    expect(end).toMatchObject({ status: "success", output: { said: { ok: true } } });
    const [done] = (await test.engine.steps(inquiry.run_id)) ?? [];
    expect(done?.attempts).toMatchObject([
      { status: "success", inquiry: inquiry.id, started_at: expect.stringMatching(/Z$/) },
    ]);
    expect(await test.engine.verify(inquiry.run_id)).toMatchObject({ same: true });
  });

  it("takes any map without a schema, and refuses what does not fit one, field by field", async () => {
    const open = await ask("test.open");
    await expect(test.engine.answer(open.id, [1], by)).rejects.toMatchObject({
      code: "invalid_input",
    });
    await test.engine.answer(open.id, {}, by);
    expect(await ended(open.run_id)).toMatchObject({ status: "success", output: {} });
    const { id } = await ask("test.ask", { what: "it" });
    await expect(test.engine.answer(id, { note: 1, more: 2 }, by)).rejects.toMatchObject({
      code: "invalid_input",
      errors: expect.arrayContaining([
        expect.objectContaining({ path: "/answer/ok" }),
        expect.objectContaining({ path: "/answer/note" }),
        expect.objectContaining({ path: "/answer/more" }),
      ]),
    });
    await expect(
      test.engine.answer(open.id, { x: "x".repeat(1_024 * 1_024) }, by),
    ).rejects.toMatchObject({ code: "conflict" });
    const large = await ask("test.open");
    await expect(
      test.engine.answer(large.id, { x: "x".repeat(1_024 * 1_024) }, by),
    ).rejects.toMatchObject({ code: "too_large" });
  });

  it("is answered once, though two processes are told answers at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      const inquiry = await ask("test.open");
      const told = await Promise.allSettled([
        test.engine.answer(inquiry.id, { n: 1 }, { by: "token:ann" }),
        other.engine.answer(inquiry.id, { n: 2 }, { by: "token:bob" }),
      ]);
      const won = told.findIndex(({ status }) => status === "fulfilled");
      const winner = ["token:ann", "token:bob"][won];
      expect(told.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(told[1 - won]).toMatchObject({
        reason: {
          code: "conflict",
          message: expect.stringContaining(`was answered by ${winner} at 2`),
        },
      });
      expect(await ended(inquiry.run_id)).toMatchObject({ output: { n: won + 1 } });
    }
  });

  it("leaves what goes with an answer only where the answer counts", async () => {
    await test.database.pool.query("CREATE TABLE told (by text)");
    const kind = {
      name: "told",
      async apply(client: ClientBase, rows: readonly string[]) {
        await client.query("INSERT INTO told SELECT unnest($1::text[])", [rows]);
        return rows.map(() => "ok" as const);
      },
    };
    for (let round = 0; round < 5; round++) {
      const inquiry = await ask("test.open");
      const told = await Promise.allSettled(
        [test, other].map(({ engine }, i) =>
          engine.answer(inquiry.id, {}, { by: `token:${i}`, part: { kind, row: `token:${i}` } }),
        ),
      );
      const won = told.findIndex(({ status }) => status === "fulfilled");
      const { rows } = await test.database.pool.query("DELETE FROM told RETURNING by");
      expect(rows).toEqual([{ by: `token:${won}` }]);
    }
  });

  it("that nobody answers in time has its default as its answer, or times out and asks again as it is tried", async () => {
    const run = await test.finish("test.falls-back", { what: "it" });
    expect(run).toMatchObject({ status: "success", output: { ok: false } });
    expect(await questions(run.id)).toMatchObject([
      { status: "timed_out", answer: null, default: { ok: false }, answered_at: null },
    ]);
    const late = await test.finish("test.times-out");
    expect(late).toMatchObject({ status: "failed", error: { code: "timed_out" } });
    expect(late.error?.message).toContain("nobody answered within 0.05 s");
    const asked = await questions(late.id);
    expect(asked).toMatchObject([
      { status: "timed_out", attempt: 2 },
      { status: "timed_out", attempt: 1 },
    ]);
    await expect(test.engine.answer(asked[0]?.id as string, {}, by)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("not answered in time"),
    });
    expect(await test.engine.verify(late.id)).toMatchObject({ same: true });
  });

  it("that is answered in time leaves no timer", async () => {
    const inquiry = await ask("test.timed");
    expect(Date.parse(inquiry.expires_at as string)).toBeGreaterThan(Date.now() + 3_000_000);
    await test.engine.answer(inquiry.id, { a: 1 }, by);
    expect(await ended(inquiry.run_id)).toMatchObject({ output: { a: 1 } });
    const { rows } = await db.database.pool.query("SELECT FROM timers WHERE run_id = $1", [
      inquiry.run_id,
    ]);
    expect(rows).toEqual([]);
  });

  it("is canceled with its run, and takes no answer from then on", async () => {
    for (const ref of ["test.timed", "test.ask"]) {
      const inquiry = await ask(ref, { what: "it" });
      await test.engine.cancel(inquiry.run_id, "test");
      expect(await ended(inquiry.run_id)).toMatchObject({ status: "canceled" });
      expect(await test.engine.inquiry(inquiry.id)).toMatchObject({
        ...{ status: "canceled", answered_by: null },
      });
      await expect(other.engine.answer(inquiry.id, { ok: true }, by)).rejects.toMatchObject({
        code: "conflict",
      });
    }
  });

  it("is canceled where another step fails its run: nothing depends on the answer any more", async () => {
    const run = await test.finish("test.asks-and-fails");
    expect(run).toMatchObject({ status: "failed", error: { code: "action_failed" } });
    expect(await questions(run.id)).toMatchObject([{ status: "canceled" }]);
  });

  it("of a paused run is answered, and the run goes on with that when it is resumed", async () => {
    const inquiry = await ask("test.ask", { what: "it" });
    await test.engine.pause(inquiry.run_id, "test");
    await other.engine.answer(inquiry.id, { ok: false }, by);
    expect(await test.engine.run(inquiry.run_id)).toMatchObject({
      status: "waiting",
      reason: "paused by test",
    });
    await test.engine.resume(inquiry.run_id, "test");
    expect(await ended(inquiry.run_id)).toMatchObject({ output: { said: { ok: false } } });
  });

  it("of each of a thousand items is a row, holds up no other run, and gives the answers in their order", async () => {
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    const runId = await test.start("test.each", { items });
    expect(await test.engine.run(runId)).toMatchObject({
      ...{ status: "waiting", reason: "waits for answers to 1000 questions" },
    });
    const { rows } = await db.database.pool.query(
      "SELECT (SELECT count(*) FROM dispatch)::int + (SELECT count(*) FROM leases)::int AS n",
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect(await test.finish("core.echo", { a: 1 })).toMatchObject({ output: { a: 1 } });
    const first = await test.engine.inquiries({ runId, limit: 150 });
    expect(first.rows).toHaveLength(150);
    const all: Inquiry[] = [];
    for (let at: Inquiry | undefined; ; ) {
      const page = await test.engine.inquiries({ runId, limit: 200, before: at });
      all.push(...page.rows);
      if (page.next === undefined) break;
      at = page.rows.at(-1);
    }
    expect(all.map(({ index }) => index)).toEqual(items);
    await Promise.all(
      all.map(({ id, index }) => test.engine.answer(id, { n: index as number }, by)),
    );
    expect(await ended(runId)).toMatchObject({ output: items.map((n) => ({ n })) });
  });

  it("is told to be over without another look at its run where many answer at once", async () => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    const runId = await test.start("test.each", { items });
    const [first, last, ...asked] = await questions(runId);
    await test.engine.answer(first?.id as string, {}, by);
    const query = vi.spyOn(test.database.pool, "query");
    const told = await Promise.allSettled(
      asked.flatMap(({ id }) =>
        ["token:ann", "token:bob", "token:eve"].map((one) =>
          test.engine.answer(id, {}, { by: one }),
        ),
      ),
    );
    const loads = query.mock.calls.filter(
      ([given]) => (given as { name?: string }).name === "engine_load",
    );
    query.mockRestore();
    expect(told.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
    expect(loads).toHaveLength(0);
    await test.engine.answer(last?.id as string, {}, by);
    expect(await ended(runId)).toMatchObject({ status: "success" });
  });

  it("whose schema is none fails its step, before anybody is asked", async () => {
    const run = await test.finish("test.bad-schema", { schema: { ok: "truth" } });
    expect(run).toMatchObject({ status: "failed", error: { code: "invalid_input" } });
    expect(run.error?.message).toContain('"truth" is not a type');
    expect(await questions(run.id)).toEqual([]);
  });

  it("in a run that is a step of another is answered there, and both go on", async () => {
    const runId = await test.start("test.calls", { what: "it" });
    const asked = async () => {
      const [child] = (await test.engine.runs({ parentId: runId, limit: 1 })).rows;
      return child && (await questions(child.id))[0];
    };
    await expect.poll(asked).toBeDefined();
    const inquiry = await asked();
    const told = await test.engine.explain(runId);
    expect(told?.chain.join("\n")).toContain(`step ask of run ${inquiry?.run_id}: waits for`);
    expect(told?.unblock).toContain(
      `answer it: yard inquiries answer ${inquiry?.id} ok=… [note=…]`,
    );
    await test.engine.answer(inquiry?.id as string, { ok: true }, by);
    expect(await ended(runId)).toMatchObject({ status: "success" });
  });

  it("is listed by what it is assigned to", async () => {
    const inquiry = await ask("test.mine");
    const { rows } = await test.engine.inquiries({ assignedTo: "bob", limit: 10 });
    expect(rows).toMatchObject([{ id: inquiry.id, assigned_to: ["ann", "bob"] }]);
    expect((await test.engine.inquiries({ assignedTo: "eve", limit: 10 })).rows).toEqual([]);
    const told = await test.engine.explain(inquiry.run_id);
    expect(told?.chain.join("\n")).toContain("only token ann, token bob may answer");
    expect(told?.unblock).toContain(`answer it: yard inquiries answer ${inquiry.id}`);
    await test.engine.cancel(inquiry.run_id, "test");
  });

  it("that was answered is not asked again when its run is tried again", async () => {
    const inquiry = await ask("test.ask-then-fail");
    await test.engine.answer(inquiry.id, { message: "as they said" }, by);
    expect(await ended(inquiry.run_id)).toMatchObject({ status: "failed" });
    const again = await test.engine.prepareRetry(inquiry.run_id, { by: "test" });
    await test.engine.commit({ runs: [again] });
    expect(await ended(again.id)).toMatchObject({ status: "failed" });
    const [step] = (await test.engine.steps(again.id)) ?? [];
    expect(step).toMatchObject({ reused: true, output: { message: "as they said" } });
    expect(await questions(again.id)).toEqual([]);
  });

  it("goes on in another process when the one that asked is gone", async () => {
    const asker = await startEngine(db.url, DEFINITIONS, { host: "asker" });
    const runId = await asker.start("test.ask", { what: "it" });
    await asker.close();
    const [inquiry] = await questions(runId);
    await other.engine.answer(inquiry?.id as string, { ok: true }, by);
    expect(await ended(runId)).toMatchObject({ status: "success", output: { said: { ok: true } } });
  });
});

describe("on_lost: ask", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, DEFINITIONS);
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
  });

  /** The question that is asked once the session of the worker that has the first attempt is over. */
  async function lose(): Promise<Inquiry> {
    const runId = await test.start("test.watched");
    const leased = async () =>
      (await db.database.pool.query("SELECT session_id FROM leases WHERE run_id = $1", [runId]))
        .rows[0]?.session_id;
    await expect.poll(leased).toBeDefined();
    await db.database.pool.query("UPDATE sessions SET ended_at = clock_timestamp() WHERE id = $1", [
      await leased(),
    ]);
    const rows = async () => (await test.engine.inquiries({ runId, limit: 10 })).rows;
    await expect.poll(rows, { timeout: 15_000 }).toHaveLength(1);
    return (await rows())[0] as Inquiry;
  }
  const by = { by: "token:ann" };
  const ended = (runId: string) => test.engine.waitForEnd(runId, 20_000);

  it.each([
    [{ decision: "repeat" }, { status: "success", output: "again" }],
    [
      { decision: "done", output: "by hand" },
      { status: "success", output: "by hand" },
    ],
    [{ decision: "fail" }, { status: "failed", error: { code: "worker_lost" } }],
  ])(
    "does what a person decides about a lost attempt: %j",
    async (decision, expected) => {
      const inquiry = await lose();
      expect(inquiry).toMatchObject({ about: "lost", step: "work", attempt: 2, status: "open" });
      expect(inquiry.prompt).toContain("The worker of attempt 1");
      await expect(test.engine.answer(inquiry.id, {}, by)).rejects.toMatchObject({
        errors: [expect.objectContaining({ path: "/answer/decision" })],
      });
      await test.engine.answer(inquiry.id, decision, by);
      const run = await ended(inquiry.run_id);
      expect(run).toMatchObject(expected);
      const [step] = (await test.engine.steps(inquiry.run_id)) ?? [];
      expect(step?.attempts[0]).toMatchObject({ number: 1, status: "lost" });
      expect(await test.engine.verify(inquiry.run_id)).toMatchObject({ same: true });
    },
    30_000,
  );
});
