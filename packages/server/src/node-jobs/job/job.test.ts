import { expect, it, vi } from "vitest";
import { createJob } from "./job.ts";
import type { JobFrame } from "./job.types.ts";

const SHA256 = "a".repeat(64);
const FILE = { path: "run.py", bytes: 3, sha256: SHA256, mode: "0644" };

/** A job that was accepted, with one file that the node lacks. */
function acceptedJob(content?: Buffer) {
  const sent: { readonly type: string }[] = [];
  const onEnded = vi.fn();
  const onBegun = vi.fn();
  const job = createJob({
    ...{ leaseId: "l-1", fence: 3, leaseMs: 60_000, packFolder: "/nowhere", files: undefined },
    actor: "run:1",
    send: async (frame) => void sent.push(frame),
    isLinked: () => true,
    isRenewed: () => true,
    now: Date.now,
    onBusy: () => undefined,
    onBegun,
    onEnded,
  });
  const read = async function* () {
    yield content ?? Buffer.alloc(0);
  };
  const file = content === undefined ? FILE : { ...FILE, read };
  job.offer({
    payload: { argv: ["x"], env: {}, cwd: "work", timeout_ms: 1_000, files: [FILE] } as never,
    files: new Map([[SHA256, file]]),
  });
  const hear = (type: JobFrame["type"], more: object = {}): boolean =>
    job.onFrame({ type, lease_id: "l-1", id: "l-1", fence: 3, ...more } as JobFrame);
  hear("task_accept");
  return { job, hear, sent, onBegun, onEnded };
}

const need = { files: [{ sha256: SHA256, offset: 0 }] };
const log = (seq: number, text = "x") => ({ seq, stream: "stdout", data: Buffer.from(text) });

it("ends without having started where a file cannot be given to its node, which forgets it", async () => {
  const { job, hear, sent } = acceptedJob();
  hear("task_need", need);
  expect(await job.process.ended).toMatchObject({
    kind: "not_started",
    error: { code: "io_error", message: expect.stringContaining("run.py") },
  });
  expect(sent.at(-1)).toMatchObject({ type: "task_lost", lease_id: "l-1", fence: 3 });
});

it("says that its files were not all there where its time passes while they come", async () => {
  vi.useFakeTimers();
  try {
    const { hear, onEnded } = acceptedJob(Buffer.from("abc"));
    hear("task_need", need);
    await vi.advanceTimersByTimeAsync(61_001);
    expect(onEnded).toHaveBeenCalledWith({
      kind: "not_started",
      error: { code: "timed_out", message: expect.stringContaining("not all on the node") },
    });
    const fed = acceptedJob(Buffer.from("abc"));
    fed.hear("task_need", need);
    await vi.advanceTimersByTimeAsync(0);
    fed.hear("task_file_ack", { sha256: SHA256, offset: 3 });
    await vi.advanceTimersByTimeAsync(61_001);
    expect(fed.onEnded).toHaveBeenCalledWith({ kind: "timed_out", durationMs: 1_000 });
  } finally {
    vi.useRealTimers();
  }
});

it("counts as begun with its first word, or where its node has all of it and says nothing for a while", async () => {
  vi.useFakeTimers();
  try {
    const loud = acceptedJob(Buffer.from("abc"));
    loud.hear("task_log", log(1));
    loud.hear("task_log", log(2));
    const quiet = acceptedJob(Buffer.from("abc"));
    quiet.hear("task_need", need);
    await vi.advanceTimersByTimeAsync(5_001);
    expect([loud.onBegun, quiet.onBegun].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    quiet.hear("task_file_ack", { sha256: SHA256, offset: 3 });
    await vi.advanceTimersByTimeAsync(5_001);
    expect(quiet.onBegun).toHaveBeenCalledTimes(1);
    for (const { job } of [loud, quiet]) job.lose();
  } finally {
    vi.useRealTimers();
  }
});

it("takes from its node what has to be said, once over each link; the rest counts against its rate", () => {
  const { job, hear } = acceptedJob(Buffer.from("abc"));
  const twice = (type: JobFrame["type"], more: object = {}) => [hear(type, more), hear(type, more)];
  expect(hear("task_accept")).toBe(false);
  expect(twice("task_need", need)).toEqual([true, false]);
  expect(twice("task_renew")).toEqual([true, false]);
  expect(twice("task_log", log(1))).toEqual([true, false]);
  expect(hear("task_log", log(2, ""))).toBe(false);
  expect(hear("task_file_ack", { sha256: SHA256, offset: 3 })).toBe(false);
  job.resumed();
  expect(twice("task_need", need)).toEqual([true, false]);
  expect(twice("task_renew")).toEqual([true, false]);
  expect(twice("task_log", log(1))).toEqual([true, false]);
  expect(hear("task_log", log(3, "x".repeat(3 * 2 ** 20)))).toBe(false);
  job.lose();
});
