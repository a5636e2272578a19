import type { QueueDetail } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { explainQueue } from "./explain-queue.ts";

const WAITING = {
  run_id: "01890a5d-ac96-774b-bcce-b302099a8057",
  step: "s",
  attempt: 1,
  key: null,
  priority: 5,
};
const QUEUE: QueueDetail = {
  name: "q",
  pack: "p",
  description: null,
  status: "held",
  paused_by: null,
  concurrency: null,
  key_concurrency: 2,
  rate: null,
  next_start_at: null,
  fifo: false,
  ready: 4,
  delayed: 0,
  leased: 0,
  next: null,
  waiting: [WAITING],
  running: [],
  lines: [],
};

const RESTING = { id: "w1", host: "h", resting: "its disk is full; make room where /data lies" };

const workers = (living: number, resting: readonly (typeof RESTING)[] = []) => ({
  living,
  resting,
});

it("says why the workers rest that could not begin a process, and asks for another where all do", () => {
  const text = "worker w1 on h rests from processes: its disk is full; make room where /data lies";
  const all = explainQueue(QUEUE, workers(1, [RESTING]));
  expect(all.chain.at(-1)).toBe(text);
  expect(all.unblock).toEqual([expect.stringContaining("start a worker on another machine")]);
  const one = explainQueue(QUEUE, workers(2, [RESTING]));
  expect(one.chain.at(-1)).toBe(text);
  expect(one.unblock).toEqual([expect.stringContaining("a worker with room")]);
});

it("asks for a worker where none lives", () => {
  const { chain, unblock } = explainQueue(QUEUE, workers(0));
  expect(chain).toContain("no worker lives");
  expect(unblock).toEqual(["start a worker: yard start --roles worker"]);
});

it("points at the workers where they live and nothing runs", () => {
  expect(explainQueue(QUEUE, workers(2)).unblock).toEqual([
    expect.stringContaining("a worker with room"),
  ]);
});

it("does not point at the workers where all that is ready is of paused runs", () => {
  const { chain, unblock } = explainQueue({ ...QUEUE, waiting: [] }, workers(2));
  expect(chain).toContain("all that is ready is of runs that are paused");
  expect(unblock).toEqual([expect.stringMatching(/^yard runs resume RUN; /)]);
});

it("says that a queue is idle, and of whom it was", () => {
  const { summary, chain, unblock } = explainQueue(
    { ...QUEUE, status: "idle", ready: 0, pack: null },
    workers(1),
  );
  expect(summary).toBe("idle: nothing waits and nothing runs");
  expect(chain[0]).toContain("which no active pack defines any more");
  expect(unblock).toEqual([]);
});

it("says that the rate is used up, and when it starts attempts again", () => {
  const at = "2026-01-01T00:00:01.000Z";
  const queue = { ...QUEUE, status: "full" as const, rate: "10/s", next_start_at: at };
  const { summary, chain, unblock } = explainQueue(queue, workers(1));
  expect(summary).toBe(`full: the rate 10/s is used up until ${at}, 4 wait`);
  expect(chain[0]).toContain("at most 10/s started");
  expect(chain.at(-1)).toBe(`it waits for the rate of queue q (10/s), next at ${at}`);
  expect(unblock[0]).toContain("a higher rate");
});
