import { existsSync } from "node:fs";
import { type ActionDefinition, CORE_ACTIONS } from "@yardmaster/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../test/workflows.ts";
import { serve } from "../runners/http/http.fixture.ts";

const lineOf = ({ text }: { readonly text: string }): string => text;
const core = (name: string): ActionDefinition =>
  CORE_ACTIONS.get(`core.${name}`) as ActionDefinition;

const KEPT = { id: "keep", action: core("set"), with: { n: "${{ input.n }}", list: [1] } };
const SAID = {
  id: "say",
  action: core("log"),
  with: { text: "n is ${{ steps.keep.output.n }}", level: "warn" },
};
const ASKED = {
  id: "ask",
  action: core("http"),
  with: { url: "${{ input.url }}", method: "POST", json: "${{ steps.keep.output }}" },
};

const CHECKED = actionOf(
  "test.checked",
  { kind: "process", script: "exit 1", output: "json" },
  {
    check: {
      kind: "process",
      script: 'echo "{\\"done\\": true, \\"output\\": {\\"try\\": $YARD_ATTEMPT}}"',
      output: "json",
    },
  },
);

const KEYED = actionOf("test.key", {
  kind: "process",
  script: 'echo "key $YARD_IDEMPOTENCY_KEY" >&2; exit 1',
  output: "none",
});

/** Of a pack that the first of two workers cannot unpack. */
const OF_PACK = actionOf(
  "test.of-pack",
  { kind: "process", script: "true", output: "none" },
  { packDigest: "digest" },
);

/** What it leaves behind has left its group and its pipes. */
const LEAVING = actionOf("test.leaving", {
  kind: "process",
  script: `setsid sh -c 'echo out >"$YARD_WORK/out"; exec sleep 30' >/dev/null 2>&1 </dev/null &
    while [ ! -s "$YARD_WORK/out" ]; do sleep 0.01; done; cat "$YARD_WORK/out"`,
  output: "text",
});

const WORKFLOWS = [
  workflowOf("test.leaving", [{ id: "one", action: LEAVING }]),
  workflowOf("test.of-pack", [{ id: "one", action: OF_PACK }]),
  workflowOf("test.all", [KEPT, SAID, ASKED], "${{ steps.ask.output.body }}"),
  workflowOf("test.fetch", [
    { id: "get", action: core("http"), with: { url: "${{ input.url }}" } },
  ]),
  workflowOf("test.many", [
    {
      id: "get",
      action: core("http"),
      forEach: "input.urls",
      concurrency: 50,
      with: { url: "${{ item }}" },
    },
  ]),
  workflowOf("test.patient", [
    {
      id: "get",
      action: core("http"),
      with: { url: "${{ input.url }}", method: "PUT", json: 1 },
      retry: { attempts: 3, delayMs: 1, maxDelayMs: 10_000 },
    },
  ]),
  workflowOf("test.keys", [{ id: "key", action: KEYED, retry: { attempts: 2, delayMs: 1 } }]),
  workflowOf("test.own-keys", [
    {
      id: "key",
      action: KEYED,
      idempotencyKey: "own-${{ input.n }}",
      retry: { attempts: 2, delayMs: 1 },
    },
  ]),
  workflowOf(
    "test.checked",
    [{ id: "once", action: CHECKED, retry: { attempts: 2, delayMs: 1 } }],
    "${{ steps.once.output }}",
  ),
];

let db: TestDatabase;
let engine: TestEngine;
beforeAll(async () => {
  db = await createTestDatabase();
  const packFolder = async (): Promise<string> => {
    const ofSystem = { code: "ENOSPC", syscall: "mkdir", path: "/data" };
    throw Object.assign(new Error("ENOSPC: no space left"), ofSystem);
  };
  const definitions = { ...definitionsOf(WORKFLOWS), packFolder };
  engine = await startEngine(db.url, definitions, {
    process: 1,
    httpAllow: ["127.0.0.1"],
  });
});
afterAll(async () => {
  await engine.close();
  await db.drop();
});

test("core.set, core.log and core.http work in a run, and the log says what was logged", async () => {
  const { origin, asked } = await serve((_request, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}'),
  );
  const run = await engine.finish("test.all", { n: 7, url: origin });
  expect(run).toMatchObject({ status: "success", output: { ok: true } });
  expect(asked).toMatchObject([
    { body: '{"n":7,"list":[1]}', headers: { "idempotency-key": `${run.id}/ask` } },
  ]);
  const lines = await engine.engine.logs(run.id, { limit: 10 });
  expect(lines).toMatchObject([{ step: "say", stream: "stderr", text: "[warn] n is 7\n" }]);
});

test("requests take no place of a process: more wait at once than processes may run", async () => {
  const waiting: (() => void)[] = [];
  const { origin } = await serve((_request, response) => {
    waiting.push(() => response.end());
    if (waiting.length === 20) for (const go of waiting) go();
  });
  const urls = Array.from({ length: 20 }, (_, i) => `${origin}/${i}`);
  expect((await engine.finish("test.many", { urls })).status).toBe("success");
});

test("a cancel breaks off the request that a run waits for", async () => {
  const { origin } = await serve(() => void engine.engine.cancel(id, "test"));
  const id: string = await engine.start("test.fetch", { url: origin });
  expect(await engine.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "canceled" });
});

test("a request that is not allowed fails its step with the way to allow it", async () => {
  const run = await engine.finish("test.fetch", { url: "http://127.0.0.2:1/" });
  expect(run.status).toBe("failed");
  expect(run.error?.message).toContain("YARD_HTTP_ALLOW=127.0.0.2");
});

test("an attempt that follows another asks its check first, and is not repeated where the work is done", async () => {
  const run = await engine.finish("test.checked");
  expect(run).toMatchObject({ status: "success", output: { try: 2 } });
});

test("a server that is busy is asked again when it said, with the same key; one that refuses is not", async () => {
  const at: number[] = [];
  const { origin, asked } = await serve((request, response) => {
    at.push(performance.now());
    if (request.url === "/no") response.writeHead(404).end();
    else if (at.length === 1) response.writeHead(503, { "retry-after": "1" }).end();
    else response.end();
  });
  const run = await engine.finish("test.patient", { url: `${origin}/busy` });
  expect(run.status).toBe("success");
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990);
  const keys = asked.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toEqual([`${run.id}/get`, `${run.id}/get`]);
  expect((await engine.finish("test.patient", { url: `${origin}/no` })).status).toBe("failed");
  expect(asked).toHaveLength(3);
});

test("a process has the same idempotency key in each attempt of its step", async () => {
  const run = await engine.finish("test.keys");
  expect(run.error?.message).toContain(`key ${run.id}/key`);
  const lines = await engine.engine.logs(run.id, { limit: 10 });
  expect(lines.map(({ text }) => text)).toEqual(Array(2).fill(`key ${run.id}/key\n`));
});

test.skipIf(!existsSync("/proc/self"))(
  "a process that an ended attempt has left behind is told behind the end of its log",
  async () => {
    const run = await engine.finish("test.leaving");
    expect(run).toMatchObject({ status: "success" });
    const lines = async () => (await engine.engine.logs(run.id, { limit: 10 })).map(lineOf);
    const told = expect.stringContaining("1 process that had left its process group");
    await expect.poll(lines, { timeout: 15_000 }).toEqual(["out\n", told]);
  },
);

test("a step's own idempotency key is that of the attempt which begins with its run, and of one that was stored", async () => {
  const run = await engine.finish("test.own-keys", { n: 7 });
  const lines = await engine.engine.logs(run.id, { limit: 10 });
  expect(lines.map(({ text }) => text)).toEqual(Array(2).fill("key own-7\n"));
});

test("an attempt that a worker's full disk keeps from beginning is told, and begun by another worker", async () => {
  const id = await engine.start("test.of-pack");
  const told = async () => (await engine.engine.explain(id))?.chain;
  const why = /^step one: attempt 1 was with worker .*ENOSPC.*; make room where \/data lies\.$/;
  await expect.poll(told).toContainEqual(expect.stringMatching(why));
  const behind = await engine.start("test.of-pack");
  const waits = async () => await engine.engine.explain(behind);
  await expect
    .poll(async () => (await waits())?.chain)
    .toContainEqual(
      expect.stringMatching(
        /^worker .* rests from processes: .*ENOSPC.*; make room where \/data lies$/,
      ),
    );
  expect(await waits()).toMatchObject({
    chain: expect.arrayContaining([expect.stringMatching(/1 worker live, 1 of them resting$/)]),
    unblock: [expect.stringMatching(/^see to what the worker says/)],
  });
  const other = await startEngine(db.url, definitionsOf(WORKFLOWS), { roles: ["worker"] });
  try {
    expect(await engine.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "success" });
    const attempts = (await engine.engine.steps(id))?.[0]?.attempts ?? [];
    expect(attempts.at(0)).toMatchObject({ status: "lost" });
    expect(attempts.at(-1)).toMatchObject({ status: "success" });
    // The one with the full disk rests: without that it would have had it some hundred times.
    expect(attempts.length).toBeLessThanOrEqual(6);
  } finally {
    await other.close();
  }
});
