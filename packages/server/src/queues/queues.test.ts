import { afterAll, beforeAll, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, workflowOf } from "../../test/workflows.ts";
import type { ActivePack } from "../packs/index.ts";
import { createQueues, queueRoutes } from "./index.ts";

const HANG = actionOf("test.hang", { kind: "process", script: "sleep 60", output: "none" });
const WORKFLOWS = ["narrow", "line", "idle"].map((queue) =>
  workflowOf(`test.${queue}`, [
    { id: "work", action: HANG, queue, key: "${{ input.key }}", with: {} },
  ]),
);
WORKFLOWS.push(
  workflowOf("test.apart", [
    { id: "first", action: ECHO, queue: "apart", key: "${{ input.key }}", with: {} },
    { id: "then", action: HANG },
  ]),
  workflowOf("test.apart-hang", [
    { id: "work", action: HANG, queue: "apart", key: "${{ input.key }}" },
  ]),
);
const LIMITS = [
  { name: "apart", concurrency: null, keyConcurrency: 1, fifo: false },
  { name: "idle", concurrency: null, keyConcurrency: 3, fifo: false },
  { name: "line", concurrency: null, keyConcurrency: null, fifo: true },
  { name: "narrow", concurrency: 1, keyConcurrency: null, fifo: false },
];
const PACK = {
  definition: { name: "test", queues: [{ name: "narrow", fifo: false, description: "One." }] },
} as unknown as ActivePack;

let db: TestDatabase;
let test: TestEngine;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startEngine(db.url, definitionsOf(WORKFLOWS));
  await test.engine.setQueues(LIMITS);
});
afterAll(async () => {
  await test?.close();
  await db?.drop();
});

function setup() {
  const queues = createQueues({ engine: test.engine, packs: { active: () => [PACK] } });
  const { http } = serveRoutes(queueRoutes(queues));
  return async (url: string, method: "GET" | "POST" = "GET") => {
    const response = await http.inject({ url, method });
    return { status: response.statusCode, body: response.json() };
  };
}

it("lists queues with their limits, what is in them and what is next; an idle one too", async () => {
  const ask = setup();
  const first = await test.start("test.narrow", { key: "a" });
  const second = await test.start("test.narrow", { key: "b" });
  await expect
    .poll(async () =>
      (await ask("/v1/queues")).body.map((queue: { leased: number }) => queue.leased),
    )
    .toEqual([0, 0, 0, 1]);
  const [, idle, , narrow] = (await ask("/v1/queues")).body;
  expect(idle).toMatchObject({ name: "idle", status: "idle", pack: null, key_concurrency: 3 });
  expect(narrow).toMatchObject({
    name: "narrow",
    pack: "test",
    description: "One.",
    status: "full",
    concurrency: 1,
    ready: 1,
    leased: 1,
    next: { run_id: second, step: "work", attempt: 1, key: "b", priority: 5 },
  });
  const waitedMs = async () =>
    (await test.engine.queueDepths()).find(({ queue }) => queue === "narrow")?.waitedMs ?? 0;
  const before = await waitedMs();
  await expect.poll(waitedMs).toBeGreaterThan(before);
  const { body } = await ask("/v1/queues/narrow");
  expect(body).toMatchObject({
    waiting: [{ run_id: second }],
    running: [{ run_id: first, step: "work", key: "a", worker: expect.any(String) }],
  });
  const { body: why } = await ask("/v1/queues/narrow/explain");
  expect(why).toMatchObject({ status: "full", summary: "full: 1 of 1 run, 1 wait" });
  expect(why.chain[0]).toBe("queue narrow of pack test: at most 1 at once");
  expect(why.unblock[0]).toContain(`yard explain ${first}`);
});

it("says who leads the line before a key, and that its end would move it", async () => {
  const ask = setup();
  const leader = await test.start("test.line", { key: "eu" });
  await expect.poll(async () => (await ask("/v1/queues/line")).body.leased).toBe(1);
  await test.start("test.line", { key: "eu" });
  await test.start("test.line", { key: "eu" });
  const { body } = await ask("/v1/queues/line");
  expect(body.lines).toEqual([{ key: "eu", leads: leader, runs: 3 }]);
  const { body: why } = await ask("/v1/queues/line/explain");
  expect(why.chain).toContain(`key "eu" is held by run ${leader}; 2 wait behind it`);
  expect(why.unblock).toContain(
    `the end of run ${leader} (yard explain ${leader}; yard cancel ${leader})`,
  );
});

it("says which key is full where keys are limited and not FIFO, and not that who came first holds it", async () => {
  const ask = setup();
  const past = await test.start("test.apart", { key: "eu" });
  await expect
    .poll(async () => (await test.engine.steps(past))?.map(({ status }) => status))
    .toEqual(["success", "running"]);
  const atWork = await test.start("test.apart-hang", { key: "eu" });
  await expect.poll(async () => (await ask("/v1/queues/apart")).body.leased).toBe(1);
  await test.start("test.apart-hang", { key: "eu" });
  expect((await ask("/v1/queues/apart")).body).toMatchObject({ ready: 1, lines: [] });
  const { body: why } = await ask("/v1/queues/apart/explain");
  expect(why.chain.at(-1)).toBe('key "eu" is full: 1 of 1 run under it');
  expect(why.unblock).toEqual([
    `the end of an attempt under key "eu"; the longest is of run ${atWork} (yard explain ${atWork})`,
  ]);
  expect(JSON.stringify(why)).not.toContain(past);
});

it("names the nearest queue for one that there is not", async () => {
  const refused = await setup()("/v1/queues/narow");
  expect(refused).toMatchObject({
    status: 404,
    body: { detail: "There is no queue narow. Did you mean narrow?" },
  });
});

it("is paused and let go on by those who may, and tells by whom", async () => {
  const ask = setup();
  const paused = await ask("/v1/queues/idle/pause", "POST");
  expect(paused).toMatchObject({ status: 200, body: { status: "paused" } });
  const { paused_by } = paused.body;
  expect(paused_by).toMatch(/^token:/);
  const listed = (await ask("/v1/queues?status=paused")).body;
  expect(listed).toMatchObject([{ name: "idle", status: "paused" }]);
  expect((await ask("/v1/queues?status=odd")).status).toBe(400);
  expect((await ask("/v1/queues/idle/explain")).body).toMatchObject({
    summary: expect.stringContaining(`paused by ${paused_by}`),
    unblock: ["yard queues resume idle"],
  });
  expect((await ask("/v1/queues/idle/resume", "POST")).body).toMatchObject({
    status: "idle",
    paused_by: null,
  });
  expect((await ask("/v1/queues/none/pause", "POST")).status).toBe(404);
});
