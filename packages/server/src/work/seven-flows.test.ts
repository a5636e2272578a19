import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { startTestWork, type TestWork, type TestWorkOptions } from "./work.fixture.ts";

const BODY_161 = `## Objective
Rotate the webhook secret without a gap.
## Context Estimate
• Files to modify: 3 (receiver.ts, secrets.ts, receiver.test.ts)
• Implementation complexity: medium (22000 tokens)
• **Total estimated: 46800 tokens**
• **Recommended agent: sonnet**
## Difficulty
medium
## Dependencies
• Blocked by: #160 (RT-004 - receiver must exist)
• Blocks: None (closes phase 0)
## Acceptance Criteria
[ ] old secret still accepted for 10 minutes
`;

function body(tokens: number, difficulty: string, agent: string, dependencies: string): string {
  return `## Context Estimate
- Total estimated: ${tokens} tokens
- Recommended agent: ${agent}
## Difficulty
${difficulty}
## Dependencies
${dependencies}
`;
}

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

/** Numbers of the issues whose runs were begun, in that order. */
async function picked(): Promise<number[]> {
  const { rows } = await db.database.pool.query<{ number: number }>(
    "SELECT w.number FROM work_tries t JOIN work_items w ON w.id = t.item_id WHERE t.run_id IS NOT NULL ORDER BY t.run_id",
  );
  return rows.map(({ number }) => number);
}

describe("the seven flows of an issue", () => {
  it("1: webhook, parse, queue, pick, start", async () => {
    await start();
    await t.order();
    expect(await t.assign(161, BODY_161)).toMatchObject({
      ...{ status: "success", action: "assigned", issue_number: 161 },
    });
    const item = await t.until(161, { status: "in_progress" });
    expect(item.metadata).toEqual({
      ...{ estimated_context: 46_800, difficulty: "medium", assigned_agent: "sonnet" },
      ...{ blocks: [], blocked_by: [160] },
    });
    expect(item).toMatchObject({ project: "mosaic/stack", tracker: "main", attempts: 1 });
    expect(item.metadata_from).toMatchObject({ blocked_by: "grammar" });
    const run = await t.test.engine.run(item.run_id as string);
    expect(run).toMatchObject({
      ...{ ref: "t.work", created_by: `work:${item.id}`, event_id: item.event_id },
      input: { item: { id: item.id, number: 161, title: "Issue 161", body: BODY_161, attempt: 1 } },
    });
    expect(run?.input).toMatchObject({ item: { metadata: item.metadata } });
    expect(await picked()).toEqual([161]);
  });

  it("2: a blocker, and what is blocked by it", async () => {
    await start();
    await t.order({ enabled: false });
    await t.assign(160, "## Dependencies\n- Blocks: #161");
    await t.assign(161, "## Dependencies\n- Blocked by: #160");
    await t.until(160, { status: "queued", ready: true });
    await t.until(161, { status: "queued", ready: false, reason_code: "blocked_by" });
    await t.order();
    await t.until(160, { status: "in_progress" });
    expect(await t.item(161)).toMatchObject({ status: "queued", ready: false });
    await t.answer(160);
    await t.until(160, { status: "done" });
    await t.until(161, { status: "in_progress" });
    expect(await picked()).toEqual([160, 161]);
  });

  it("3: a graph, the lowest number of those that are ready first", async () => {
    await start();
    await t.order({ enabled: false });
    await t.assign(102, body(30_000, "hard", "opus", "- Blocked by: #101"));
    await t.assign(101, body(20_000, "medium", "sonnet", "- Blocks: #102"));
    await t.assign(100, body(10_000, "easy", "haiku", "- Blocks: None"));
    await t.until(100, { status: "queued", ready: true });
    await t.until(102, { status: "queued", ready: false });
    expect((await t.item(100)).metadata).toMatchObject({
      ...{ estimated_context: 10_000, difficulty: "easy", assigned_agent: "haiku" },
    });
    await t.order();
    for (const number of [100, 101, 102]) await t.answer(number);
    await t.until(102, { status: "done" });
    expect(await picked()).toEqual([100, 101, 102]);
  });

  it("4: a signature that is none", async () => {
    await start();
    await t.order();
    const { status, body: said } = await t.post({ action: "assigned" }, "invalid_signature");
    expect(status).toBe(401);
    expect(said).toMatchObject({ detail: "Invalid or missing signature" });
    expect(await t.items()).toEqual([]);
  });

  it("5: a body without structure", async () => {
    await start();
    await t.order();
    await t.assign(5, "please just fix it");
    const item = await t.until(5, { status: "in_progress" });
    expect(item.metadata).toEqual({
      ...{ estimated_context: 50_000, difficulty: "medium", assigned_agent: "sonnet" },
      ...{ blocks: [], blocked_by: [] },
    });
    expect(new Set(Object.values(item.metadata_from))).toEqual(new Set(["default"]));
  });

  it("6: a start that throws", async () => {
    await start({ isFollowed: false });
    await t.order();
    const prepare = (): never => {
      throw new Error("no room for it");
    };
    await t.another({ engine: { ...t.test.engine, prepare } }).begin();
    await t.assign(200);
    const item = await t.until(200, { status: "in_progress" });
    expect(item).toMatchObject({
      ...{ attempts: 1, run_id: null, finished_at: null },
      ...{ reason_code: "start_failed", reason: "no room for it" },
    });
    expect(Date.parse(item.next_try_at ?? "")).toBeGreaterThan(Date.now());
    expect((await t.work.get(item.id)).tries).toMatchObject([
      { number: 1, run_id: null, status: "failed", message: "no room for it" },
    ]);
  });

  it("7: the whole of it in less than ten seconds", async () => {
    await start();
    await t.order();
    const began = performance.now();
    await t.assign(160, "Blocks: #161");
    await t.assign(161, BODY_161);
    await t.answer(160);
    await t.answer(161);
    await t.until(161, { status: "done" });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
