import type { QueueDetail } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { RUN_ID } from "../testing/wire-records.ts";
import { startWireServer } from "../testing/wire-server.ts";

const next = { run_id: RUN_ID, step: "ship", attempt: 1, key: "eu", priority: 5 };
const QUEUE: QueueDetail = {
  name: "deploy",
  pack: "shop",
  description: "One at a time.",
  status: "full",
  concurrency: 2,
  key_concurrency: null,
  rate: "10/s",
  next_start_at: "2026-01-01T00:00:01.000Z",
  fifo: true,
  paused_by: null,
  ready: 3,
  delayed: 1,
  leased: 2,
  next,
  waiting: [next],
  running: [
    {
      run_id: RUN_ID,
      step: "ship",
      attempt: 1,
      key: "eu",
      worker: "w1",
      leased_at: "2026-01-01T00:58:00.000Z",
    },
    {
      run_id: RUN_ID,
      step: "test",
      attempt: 1,
      key: null,
      worker: "w2",
      node: "lab",
      leased_at: "2026-01-01T00:58:00.000Z",
    },
  ],
  lines: [{ key: "eu", leads: RUN_ID, runs: 4 }],
};

test("says of a queue that it was paused, by whom, and that it goes on", async () => {
  const { env } = await startWireServer({
    "POST /v1/queues/deploy/pause": { json: { ...QUEUE, paused_by: "token:ada" } },
    "POST /v1/queues/deploy/resume": { json: QUEUE },
  });
  const said = async (word: string) => (await callYard(["queues", word, "deploy"], { env })).stdout;
  expect(await said("pause")).toBe("deploy  paused by token:ada\n");
  expect(await said("resume")).toBe("deploy  goes on\n");
});

test("lists queues with their limits and who is next", async () => {
  const gone = {
    ...QUEUE,
    name: "old",
    pack: null,
    concurrency: null,
    fifo: false,
    next: null,
    rate: null,
  };
  const { env } = await startWireServer({ "GET /v1/queues": { json: [QUEUE, gone] } });
  const { stdout } = await callYard(["queues"], { env });
  expect(stdout).toMatch(/deploy +full +2\/2 +3 +1 +fifo by key, 10\/s +shop +\S+ ship\n/);
  expect(stdout).toMatch(/old +full +2 +3 +1 +priority +\(removed\)\n/);
});

test("shows what waits and runs in a queue, and who leads each line", async () => {
  const { env } = await startWireServer({ "GET /v1/queues/deploy": { json: QUEUE } });
  const { stdout } = await callYard(["queues", "show", "deploy"], { env });
  expect(stdout).toMatch(/^deploy {2}full {2}One at a time\.\n {2}2\/2 running, 3 ready/);
  expect(stdout).toContain("its rate is used up; the next starts at 2026-01-01T00:00:01.000Z\n");
  expect(stdout).toMatch(/ship +eu +2 min ago +w1\n/);
  expect(stdout).toMatch(/test +2 min ago +node lab\n/);
  expect(stdout).toMatch(/eu +\S+ +4\n/);
});

test("explains a queue by its chain and what would move it", async () => {
  const explanation = {
    name: "deploy",
    status: "full",
    summary: "full: 2 of 2 run, 3 wait",
    chain: ["queue deploy of pack shop: at most 2 at once"],
    unblock: ["the end of an attempt that runs in it"],
  };
  const { env } = await startWireServer({
    "GET /v1/queues/deploy/explain": { json: explanation },
  });
  expect(await callYard(["explain", "deploy"], { env })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("full: 2 of 2 run, 3 wait"),
  });
  const unknown = await callYard(["explain", "deplo"], { env });
  expect(unknown).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining(
      '"deplo" is neither an id nor a rule, a sensor, a task, a queue or a node',
    ),
  });
  expect((await callYard(["queues", "explain", "deploy"], { env })).stdout).toBe(
    "◌ full: 2 of 2 run, 3 wait\n  queue deploy of pack shop: at most 2 at once\nWhat would move it:\n  the end of an attempt that runs in it\n",
  );
});
