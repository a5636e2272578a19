import type { WorkItem, WorkItemDetail, WorkOrder } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const ID = "0197a1b2-0000-7000-8000-0000000000a1";
const OTHER_ID = "0197a1b2-0000-7000-8000-0000000000a2";

const ITEM: WorkItem = {
  ...{ id: ID, tracker: "main", project: "mosaic/stack", number: 161 },
  ...{ title: "Rotate it\u001b[2J", url: null, author: "jason", status: "queued", ready: false },
  ...{ reason_code: "blocked_by", reason: "waits for mosaic/stack#160", priority: 5, attempts: 0 },
  ...{ next_try_at: null, run_id: null, event_id: null, retry_of: null, issue_state: "open" },
  metadata: {
    ...{ estimated_context: 46_800, difficulty: "medium", assigned_agent: "sonnet" },
    ...{ blocks: [], blocked_by: [160] },
  },
  metadata_from: { estimated_context: "grammar", blocks: "default", blocked_by: "grammar" },
  warnings: [],
  ...{ created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" },
  finished_at: null,
};
const DETAIL: WorkItemDetail = {
  ...ITEM,
  body: "Blocked by: #160",
  tries: [
    {
      ...{ number: 1, run_id: RUN_ID, status: "failed", message: "no" },
      ...{ started_at: "2026-01-01T00:00:00.000Z", ended_at: "2026-01-01T00:01:00.000Z" },
    },
  ],
};
const ORDER: WorkOrder = {
  ...{ tracker: "main", run: "mine.work", with: null, concurrency: 1, max_attempts: 3 },
  ...{ agents: [], enabled: true, status: "active", reason: null },
  ...{ created_at: "2026-01-01T00:00:00.000Z", created_by: "token:admin" },
  ...{ updated_at: "2026-01-01T00:00:00.000Z", updated_by: "token:admin" },
};

test("lists items with whether they may begin, and why not", async () => {
  const server = await startWireServer({ "GET /v1/work-items": { json: [ITEM] } });
  const { exitCode, stdout } = await callYard(["work", "--status", "queued"], server);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/mosaic\/stack#161\s+○? ?queued\s+5\s+0\s+/);
  expect(stdout).toContain("waits for mosaic/stack#160");
  expect(stdout).not.toContain("\u001b[2J");
  expect(server.requests[0]?.path).toContain("status=queued");
});

test.each(["mosaic/stack#161", "#161", "161", ID])("an item is meant by %s", async (given) => {
  const server = await startWireServer({
    "GET /v1/work-items": { json: [ITEM] },
    [`GET /v1/work-items/${ID}`]: { json: DETAIL },
  });
  const { exitCode, stdout } = await callYard(["work", "show", given], server);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("waits for mosaic/stack#160");
  expect(stdout).toContain("#160");
  expect(stdout).toMatch(/try 1\s+failed.*: no/);
});

test("of issues with one number in two projects none is meant", async () => {
  const other = { ...ITEM, id: OTHER_ID, project: "mosaic/other" };
  const server = await startWireServer({ "GET /v1/work-items": { json: [ITEM, other] } });
  const { exitCode, stderr } = await callYard(["work", "cancel", "161"], server);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`may mean several: main mosaic/stack#161 (${ID})`);
  expect(await callYard(["work", "cancel", "no-issue"], server)).toMatchObject({ exitCode: 2 });
});

test("retries, cancels and orders an item", async () => {
  const server = await startWireServer({
    [`POST /v1/work-items/${ID}/retry`]: { json: { ...ITEM, ready: true } },
    [`POST /v1/work-items/${ID}/cancel`]: { json: { ...ITEM, status: "canceled" } },
    [`PATCH /v1/work-items/${ID}`]: { json: { ...ITEM, priority: 1 } },
  });
  expect((await callYard(["work", "retry", ID], server)).stdout).toContain("queued, ready");
  expect((await callYard(["work", "cancel", ID], server)).stdout).toContain("canceled");
  expect((await callYard(["work", "priority", ID, "1"], server)).stdout).toContain("priority 1");
  expect(await callYard(["work", "priority", ID, "0"], server)).toMatchObject({ exitCode: 2 });
});

test("sets what works on issues, and keeps what is not said", async () => {
  let put: unknown;
  const server = await startWireServer({
    "GET /v1/work-orders/main": { json: { ...ORDER, max_attempts: 7 } },
    "PUT /v1/work-orders/main": ({ body }) => {
      put = body;
      return { json: ORDER };
    },
    "GET /v1/work-orders/new": wireProblem(404, "not_found", "none"),
  });
  await callYard(["work", "set", "main", "--concurrency", "2"], server);
  expect(put).toEqual({
    ...{ run: "mine.work", concurrency: 2, max_attempts: 7, agents: [], enabled: true },
  });
  await callYard(["work", "pause", "main"], server);
  expect(put).toMatchObject({ run: "mine.work", enabled: false });
  const { exitCode, stderr } = await callYard(["work", "set", "new"], server);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--run REF")]);
});
