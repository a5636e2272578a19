import type { JsonObject } from "@yardmaster/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { issueBody } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { field, startTestWork, type TestWork, type TestWorkOptions } from "./work.fixture.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };
const FAILING = {
  "workflows/fails.yaml":
    "workflow: t.fails\ninput: { item: object! }\nsteps: [{ id: a, uses: core.fail, with: { message: no } }]\n",
};

let db: TestDatabase;
let t: TestWork;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await t?.close();
  await db.drop();
});

async function start(options: TestWorkOptions = {}): Promise<void> {
  t = await startTestWork(db.url, options);
}

/** What the forge says of an issue that is not the bot's any more, or is closed. */
function said(number: number, action: string, issue: JsonObject, sender = "jason"): JsonObject {
  const body = issueBody(number, action);
  return {
    ...body,
    issue: { ...(body["issue"] as JsonObject), ...issue },
    sender: { id: 1, login: sender },
  };
}

async function send(body: JsonObject): Promise<void> {
  expect((await t.post(body)).status).toBe(200);
}

const runsOf = async (): Promise<number> =>
  (await t.test.engine.runs({ limit: 200, ref: "t.work" })).rows.length;

describe("an issue that goes away", () => {
  it.each([
    ["unassigned", said(1, "unassigned", { assignee: null }), "unassigned"],
    ["closed", said(1, "closed", { state: "closed" }), "issue_closed"],
    ["deleted", said(1, "deleted", {}), "issue_deleted"],
  ])("%s: its item is canceled, and the run that is at it", async (_, body, code) => {
    await start();
    await t.order();
    await t.assign(1);
    const { run_id } = await t.until(1, { status: "in_progress" });
    await send(body);
    await t.until(1, { status: "canceled", reason_code: code });
    const ended = await t.test.engine.waitForEnd(run_id as string, 10_000);
    expect(ended?.status).toBe("canceled");
    expect((await t.work.get((await t.item(1)).id)).tries).toMatchObject([{ status: "canceled" }]);
    await vi.waitFor(async () => {
      const { rows } = await db.database.pool.query(
        "SELECT 1 FROM work_items WHERE stop_run IS NOT NULL",
      );
      expect(rows).toEqual([]);
    }, PATIENCE);
  });

  it("by its own run is done when that ends well", async () => {
    await start();
    await t.order();
    await t.assign(1);
    await t.until(1, { status: "in_progress" });
    await send(said(1, "closed", { state: "closed" }, "Mosaic"));
    await t.until(1, { status: "in_progress", issue_state: "closed" });
    await t.answer(1);
    await t.until(1, { status: "done" });
  });

  it("and comes back is a new item, linked to the one before", async () => {
    await start();
    await t.order();
    await t.assign(1);
    await t.answer(1);
    const first = await t.until(1, { status: "done" });
    await send(said(1, "closed", { state: "closed" }));
    await t.until(1, { status: "done", issue_state: "closed" });
    await send(said(1, "reopened", {}));
    const second = await t.until(1, { status: "in_progress" });
    expect(second).toMatchObject({ retry_of: first.id, attempts: 1 });
    expect((await t.work.get(first.id)).status).toBe("done");
  });

  it("after all its tries had failed is failed", async () => {
    await start({ files: FAILING });
    await t.order({ run: "t.fails", max_attempts: 1 });
    await t.assign(1);
    await t.until(1, { status: "blocked" });
    await send(said(1, "unassigned", { assignee: null }));
    await t.until(1, { status: "failed", reason_code: "unassigned" });
  });
});

describe("what is no work", () => {
  it("is whatever is not an open issue of the bot's, in a project of the tracker", async () => {
    await start();
    await t.order();
    await send(said(1, "assigned", { assignee: { login: "ada" } }));
    await send(said(2, "assigned", { state: "closed" }));
    await send({ ...said(3, "assigned", {}), repository: { full_name: "other/place" } });
    await send(said(4, "created", { pull_request: { merged: false } }));
    await send({ ...said(5, "assigned", {}), is_pull: true });
    await t.assign(9);
    await t.until(9, { status: "in_progress" });
    expect((await t.items()).map(({ number }) => number)).toEqual([9]);
  });

  it("is what comes late: an older state of the issue than is known", async () => {
    await start();
    await t.order();
    await t.assign(1, "", { updated_at: "2026-01-01T10:00:00Z" });
    await t.until(1, { status: "in_progress" });
    await send(said(1, "unassigned", { assignee: null, updated_at: "2026-01-01T09:00:00Z" }));
    await t.assign(2);
    await t.until(2, { status: "queued" });
    expect(await t.item(1)).toMatchObject({ status: "in_progress" });
  });

  it("is an event that says again what is known: a done item stays done", async () => {
    await start();
    await t.order();
    await t.assign(1);
    await t.answer(1);
    await t.until(1, { status: "done" });
    await send({ ...said(1, "label_updated", {}), changes: { added: [1] } });
    await t.assign(2);
    await t.until(2, { status: "in_progress" });
    expect(await runsOf()).toBe(2);
  });

  it("is made up for by the next event where the one that assigned it was lost", async () => {
    await start();
    await t.order();
    await send(said(1, "label_updated", {}));
    await t.until(1, { status: "in_progress" });
  });
});

describe("a run that fails", () => {
  it("is tried again after a while, and then a person is asked; what it blocks stays blocked and says why", async () => {
    await start({ files: FAILING });
    await t.order({ run: "t.fails", max_attempts: 2 });
    await t.assign(1, "Blocks: #2");
    const first = await t.until(1, {
      status: "in_progress",
      attempts: 1,
      reason_code: "run_failed",
    });
    expect(first).toMatchObject({ reason: 'step "a": no', finished_at: null });
    expect(Date.parse(first.next_try_at ?? "") - Date.now()).toBeGreaterThan(50_000);
    await t.assign(2);
    await t.until(2, { status: "queued", ready: false, reason_code: "blocked_by" });
    await t.letPass(60_000);
    const asked = await t.until(1, { status: "blocked", attempts: 2 });
    expect(asked).toMatchObject({ reason_code: "needs_attention", next_try_at: null });
    const explained = await t.work.explain((await t.item(2)).id);
    expect(explained).toMatchObject({
      status: "queued",
      summary: "queued: not ready: waits for mosaic/stack#1",
    });
    expect(explained.chain).toContain('mosaic/stack#1: is blocked: step "a": no');
    expect(explained.unblock).toEqual([
      `have mosaic/stack#1 tried again: yard work retry ${asked.id}`,
    ]);
    await t.order({ run: "t.work" });
    await t.work.retry(asked.id, "token:ada");
    await t.answer(1);
    await t.until(1, { status: "done", attempts: 1 });
    await t.until(2, { status: "in_progress" });
    expect((await t.work.get(asked.id)).tries.map(({ status }) => status)).toEqual([
      ...["failed", "failed", "success"],
    ]);
  });

  it("holds up no other: the next that is ready takes its place until its next try", async () => {
    await start({ files: FAILING });
    await t.order({ run: "t.fails" });
    await t.assign(1);
    await t.assign(2);
    await t.until(1, { status: "in_progress", reason_code: "run_failed" });
    await t.until(2, { status: "in_progress", reason_code: "run_failed" });
  });

  it("is not tried again where somebody has canceled it", async () => {
    await start();
    await t.order();
    await t.assign(1);
    const { run_id } = await t.until(1, { status: "in_progress" });
    await t.test.engine.cancel(run_id as string, "token:ada");
    await t.until(1, { status: "blocked", reason_code: "run_canceled" });
  });
});

describe("what a person must put right", () => {
  it("counts as no try, says what it is, and goes on once it is", async () => {
    await start();
    await t.order();
    await db.database.pool.query("UPDATE work_orders SET run = 't.nowhere'");
    await db.database.pool.query("UPDATE work_place SET version = version + 1");
    await db.database.pool.query("NOTIFY yard_work");
    await t.assign(1);
    const item = await t.until(1, { status: "waiting", attempts: 0, reason_code: "not_startable" });
    expect(item.reason).toContain("t.nowhere");
    await t.order();
    await t.work.retry(item.id, "token:ada");
    await t.until(1, { status: "in_progress", attempts: 1 });
  });

  it("is refused at once where it can be known before an issue: what is not there, and what takes no item", async () => {
    const files = {
      "workflows/short.yaml":
        "workflow: t.short\ninput: { title: string! }\nsteps: [{ id: a, uses: core.noop }]\n",
    };
    await start({ files });
    await expect(t.order({ run: "t.wrok" })).rejects.toMatchObject({
      ...{ code: "unknown_ref", message: expect.stringContaining("t.work") },
    });
    await expect(t.order({ run: "t.short" })).rejects.toMatchObject({
      ...{ code: "invalid_input", message: expect.stringContaining("say by with") },
    });
    expect(await t.work.orders.list()).toEqual([]);
  });

  it("maps the item to the input that is asked for", async () => {
    const files = {
      "workflows/short.yaml":
        "workflow: t.short\ninput: { title: string!, tokens: integer! }\nsteps: [{ id: a, uses: core.noop }]\n",
    };
    await start({ files });
    const input = { title: "${{ item.title }}!", tokens: "${{ item.metadata.estimated_context }}" };
    await expect(
      t.order({ run: "t.short", with: { title: "${{ itm.title }}" } }),
    ).rejects.toMatchObject({
      ...{ code: "invalid_request", errors: [{ path: "/with/title" }] },
    });
    await t.order({ run: "t.short", with: input });
    await t.assign(1, "Total estimated: 9k");
    const { run_id } = await t.until(1, { status: "done" });
    expect((await t.test.engine.run(run_id as string))?.input).toEqual({
      title: "Issue 1!",
      tokens: 9_000,
    });
  });
});

describe("blockers", () => {
  it("that are only known to the tracker are asked for: open holds, closed and not found do not", async () => {
    await start();
    t.forge.open({ number: 50, state: "open" });
    t.forge.open({ number: 51, state: "closed" });
    await t.order({ concurrency: 9 });
    await t.assign(1, "Blocked by: #50");
    await t.assign(2, "Blocked by: #51");
    await t.assign(3, "Blocked by: #52");
    await t.until(1, { status: "queued", ready: false, reason: "waits for mosaic/stack#50" });
    await t.until(2, { status: "in_progress" });
    await t.until(3, { status: "in_progress" });
    await send(said(50, "closed", { state: "closed", assignee: null }));
    await t.until(1, { status: "in_progress" });
  });

  it("of which the tracker cannot say anything hold until it can", async () => {
    await start();
    t.forge.open({ number: 51, state: "closed" });
    t.forge.fault = (_asked, response) => {
      response.writeHead(500).end();
      return "answered";
    };
    await t.order();
    await t.assign(2, "Blocked by: #51");
    await t.until(2, { status: "queued", ready: false, reason_code: "blocker_unreadable" });
    t.forge.fault = undefined;
    await db.database.pool.query(
      "UPDATE work_issues SET asked_at = NULL, check_at = CASE WHEN check_at IS NULL THEN NULL ELSE now() END",
    );
    await db.database.pool.query("NOTIFY yard_work");
    await t.until(2, { status: "in_progress" });
  });

  it("of which the tracker says nothing at all hold up no other issue for long", async () => {
    await start();
    t.forge.fault = ({ path }) => (path.includes("/issues/51") ? "answered" : undefined);
    await t.order();
    await t.assign(2, "Blocked by: #51");
    await t.assign(3);
    await t.until(2, { status: "queued", reason_code: "blocker_unreadable" });
    await t.until(3, { status: "in_progress" });
  });

  it("that only the tracker's own dependencies name hold until they are closed, whatever the body says", async () => {
    await start();
    t.forge.open({ number: 60 });
    t.forge.open({ number: 61, state: "closed" });
    t.forge.open({ number: 1, blockedBy: [60, 61] });
    await t.order();
    await t.assign(1, "Blocks: #60\n## Difficulty\nhard");
    const held = await t.until(1, { status: "queued", reason: "waits for mosaic/stack#60" });
    expect(held.metadata).toMatchObject({ blocked_by: [60], blocks: [], difficulty: "hard" });
    expect(held.metadata_from).toMatchObject({ blocked_by: "native", difficulty: "grammar" });
    const { chain } = await t.work.explain(held.id);
    expect(chain.join("\n")).toContain("the body says so of #60, the tracker says the opposite");
    await send(said(60, "closed", { state: "closed", assignee: null }));
    await t.until(1, { status: "in_progress" });
  });

  it("that are taken from the tracker's own dependencies are known a while later, without an event", async () => {
    await start();
    t.forge.open({ number: 60 });
    const issue = t.forge.open({ number: 1, blockedBy: [60] });
    await t.order();
    await t.assign(1);
    await t.until(1, { status: "queued", reason: "waits for mosaic/stack#60" });
    issue.blockedBy = [];
    await db.database.pool.query(
      "UPDATE work_issues SET asked_at = asked_at - interval '5 minutes'",
    );
    await db.database.pool.query("NOTIFY yard_work");
    await t.until(1, { status: "in_progress" });
  });

  it("hold nothing where the tracker has none, and each item asks for its own as it starts", async () => {
    await start();
    t.forge.hasDependencies = false;
    t.forge.open({ number: 1 });
    t.forge.open({ number: 2 });
    await t.order({ concurrency: 2 });
    await t.assign(1);
    await t.assign(2);
    await t.until(1, { status: "in_progress" });
    await t.until(2, { status: "in_progress" });
  });

  it("hold nothing where the tracker cannot say, which is a warning; one that is closed there is held, and says so", async () => {
    await start();
    t.forge.fault = ({ path }, response) => {
      if (!path.endsWith("/issues/1")) return undefined;
      response.writeHead(503).end();
      return "answered";
    };
    t.forge.open({ number: 2, state: "closed" });
    await t.order({ concurrency: 2 });
    await t.assign(2);
    await t.assign(1);
    const { id } = await t.until(1, { status: "in_progress" });
    expect((await t.work.explain(id)).chain.join("\n")).toMatch(
      /the tracker's own dependencies could not be read: GET .* was answered 503/,
    );
    const so = { status: "queued", ready: false, reason_code: "blocker_unreadable" } as const;
    const closed = await t.until(2, so);
    expect(closed.reason).toContain("its issue is closed, which no event has told yet");
    expect((await t.work.explain(closed.id)).unblock).toEqual([
      "have what was lost found now: yard trackers poll main",
    ]);
  });

  it("are not asked for while the tracker is paused", async () => {
    await start();
    t.forge.open({ number: 60 });
    t.forge.open({ number: 1, blockedBy: [60] });
    await db.database.pool.query("UPDATE trackers SET paused_by = 'token:ada'");
    await t.order();
    await t.assign(1);
    await t.until(1, { status: "in_progress" });
    expect(t.forge.asked).toEqual([]);
  });

  it("are those that the body names now: an edit is heard", async () => {
    await start();
    await t.order({ enabled: false });
    await t.assign(1);
    await t.assign(2, "Blocked by: #1");
    await t.until(2, { status: "queued", ready: false });
    await send(said(2, "edited", { body: "Blocked by: None" }));
    await t.until(2, { status: "queued", ready: true });
  });

  it("that wait for each other are told with the way around, and are no error", async () => {
    await start();
    await t.order();
    await t.order({ enabled: false });
    await t.assign(1, "Blocked by: #2");
    await t.assign(2, "Blocked by: #1");
    const item = await t.until(1, { status: "queued", reason_code: "dependency_cycle" });
    expect(item.reason).toBe("waits for itself: mosaic/stack#1 → mosaic/stack#2 → mosaic/stack#1");
  });
});

describe("steering", () => {
  it("keeps to the concurrency, says the place in line, and goes by the priority that is set", async () => {
    await start();
    await t.order({ concurrency: 2 });
    for (const number of [1, 2, 3, 4]) await t.assign(number);
    const last = await t.until(4, { status: "queued", ready: true, reason_code: "concurrency" });
    expect((await t.work.explain(last.id)).chain.at(-1)).toBe(
      "it is number 2 of 2 in line, behind mosaic/stack#1, mosaic/stack#2, which are being worked on; 2 at once",
    );
    await t.work.setPriority(last.id, 1, "token:ada");
    await t.answer(1);
    await t.until(4, { status: "in_progress" });
    expect(await t.item(3)).toMatchObject({ status: "queued" });
    expect(await t.item(2)).toMatchObject({ status: "in_progress" });
  });

  it("cancels and retries over HTTP, with a line in the audit for each", async () => {
    await start();
    await t.order();
    await t.assign(1);
    const { id } = await t.until(1, { status: "in_progress" });
    const call = async (verb: string) => {
      const response = await fetch(`${t.url}/v1/work-items/${id}/${verb}`, { method: "POST" });
      return { status: response.status, body: (await response.json()) as JsonObject };
    };
    expect(await call("retry")).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await call("cancel")).toMatchObject({ status: 200, body: { status: "canceled" } });
    expect(await call("cancel")).toMatchObject({ status: 409, body: { code: "already_final" } });
    const again = await call("retry");
    expect(again).toMatchObject({ status: 200, body: { status: "queued", retry_of: id } });
    await t.until(1, { status: "in_progress", id: field(again.body, "id") as string });
    const { rows } = await t.audit.list({ limit: 10 });
    expect(rows.map(({ actor, action, node }) => [actor, action, node])).toEqual([
      ["token:one", "work.retry", "mosaic/stack#1"],
      ["token:one", "work.cancel", "mosaic/stack#1"],
      ["token:ada", "work.order_set", "main"],
      ["token:ada", "tracker.create", "main"],
    ]);
    const list = await (await fetch(`${t.url}/v1/work-items?status=canceled&tracker=main`)).json();
    expect(list).toMatchObject([{ id, number: 1 }]);
  });

  it("refuses an order of no tracker, and to take one away while items are not over", async () => {
    await start();
    await expect(t.work.orders.remove("main", "token:ada")).rejects.toMatchObject({
      code: "not_found",
    });
    await t.order();
    await t.assign(1);
    await t.until(1, { status: "in_progress" });
    await expect(t.work.orders.remove("main", "token:ada")).rejects.toMatchObject({
      code: "conflict",
    });
    await t.work.cancel((await t.item(1)).id, "token:ada");
    await t.work.orders.remove("main", "token:ada");
    expect(await t.work.orders.list()).toEqual([]);
  });
});

it("tells rules of it by events of Yardmaster's own", async () => {
  const rule =
    'rule: t.told\non: yard.work.done\nif: event.data.number == 1\nrun: core.echo\nwith: { n: "${{ event.data.work }}" }\n';
  await start({ ownEvents: true, files: { "rules/told.yaml": rule } });
  await t.order();
  await t.assign(1);
  await t.answer(1);
  await t.until(1, { status: "done" });
  await vi.waitFor(async () => {
    const { rows } = await t.events.list({ type: "yard.work.done", limit: 10 });
    expect(rows).toMatchObject([
      {
        subject: "mosaic/stack#1",
        data: { work: "mosaic/stack#1", tracker: "main", status: "done" },
      },
    ]);
  }, PATIENCE);
});

describe("whatever dies and whenever", () => {
  it("an event that came while nobody followed is heard later, once", async () => {
    await start({ isFollowed: false });
    await t.order();
    await t.assign(1);
    expect(await t.items()).toEqual([]);
    await t.another().begin();
    await t.another().begin();
    await t.until(1, { status: "in_progress" });
    expect(await t.items()).toHaveLength(1);
    expect(await runsOf()).toBe(1);
  });

  it("an item that was heard of, and not begun before its process died, is begun by the next", async () => {
    await start({ isFollowed: false });
    await t.order();
    const { engine } = t.test;
    const dying = t.another({
      engine: {
        ...engine,
        commit: (unit) => (unit.runs.length > 0 ? new Promise(() => {}) : engine.commit(unit)),
      },
    });
    await t.assign(1);
    void dying.runOnce();
    await t.until(1, { status: "queued" });
    await t.another().begin();
    await t.until(1, { status: "in_progress" });
    expect(await runsOf()).toBe(1);
  });

  it("a run that ended while nobody followed ends its item later", async () => {
    await start({ isFollowed: false });
    await t.order();
    const first = t.another();
    await first.begin();
    await t.assign(1);
    await t.until(1, { status: "in_progress" });
    await first.close();
    await t.answer(1);
    const { run_id } = await t.item(1);
    await t.test.engine.waitForEnd(run_id as string, 10_000);
    expect(await t.item(1)).toMatchObject({ status: "in_progress" });
    await t.another().begin();
    await t.until(1, { status: "done" });
  });

  it("of one that was written without its answer nothing is done twice", async () => {
    await start({ isFollowed: false });
    await t.order();
    const { engine } = t.test;
    let lost = 0;
    // The commit arrives; its answer does not.
    const forgetful = t.another({
      engine: {
        ...engine,
        async commit(unit) {
          const outcome = await engine.commit(unit);
          if (lost++ < 2) throw new Error("the answer was lost");
          return outcome;
        },
      },
    });
    await t.assign(1);
    await forgetful.begin();
    await t.until(1, { status: "in_progress" });
    await t.answer(1);
    await t.until(1, { status: "done", attempts: 1 });
    expect(await runsOf()).toBe(1);
  });

  it("eight that hear of an issue at once make one item and one run of it", async () => {
    await start({ isFollowed: false });
    await t.order({ concurrency: 9 });
    // Each delivery is another one: the same fact in other words.
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => t.assign(1, "", { title: `Issue 1, told ${i}` })),
    );
    const followers = Array.from({ length: 8 }, () => t.another());
    await Promise.all(followers.map((one) => one.runOnce()));
    await Promise.all(followers.map((one) => one.begin()));
    await t.until(1, { status: "in_progress" });
    expect(await t.items()).toHaveLength(1);
    expect(await runsOf()).toBe(1);
  });
});
