import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidV7 } from "@yardmaster/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../test/workflows.ts";
import type { AuditEntry } from "../audit/index.ts";
import type { LinkSession } from "../nodes/index.ts";
import { createNodeJobs } from "./index.ts";

const TEXT = actionOf("test.text", { kind: "process", script: "echo hi", output: "text" });
const MAKE = actionOf("test.make", {
  kind: "process",
  script: "echo hi",
  output: "text",
  files: ["out/*"],
});
const WORKFLOWS = [
  workflowOf("test.make", [
    { id: "a", action: MAKE, on: { node: "${{ input.node }}" } },
    {
      id: "b",
      action: TEXT,
      on: { node: "${{ input.node }}" },
      files: "${{ steps.a.files }}",
    },
  ]),
  workflowOf("test.on", [
    { id: "a", action: TEXT, on: { node: "${{ input.node }}" }, with: { n: 1 } },
  ]),
];
const PATIENCE = { interval: 5 };
const PACK = mkdtempSync(join(tmpdir(), "yard-jobs-"));
const newId = (): string => uuidV7(Date.now(), randomBytes(10));

interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

let db: TestDatabase;
let one: TestEngine;
const audited: AuditEntry[] = [];

beforeAll(async () => {
  writeFileSync(join(PACK, "big.bin"), Buffer.alloc(1_500_000, "x"));
  db = await createTestDatabase();
  one = await startEngine(db.url, definitionsOf(WORKFLOWS));
});
afterEach(() => audited.splice(0));
afterAll(async () => {
  await one.close();
  await db.drop();
  rmSync(PACK, { recursive: true });
});

function jobsOf() {
  return createNodeJobs(
    {
      nodeWork: one.engine.nodeWork,
      audit: {
        record: async (entry) => {
          audited.push(entry);
        },
      },
      newId,
      now: Date.now,
      onError: (error) => {
        throw error;
      },
    },
    { leaseMs: 60_000 },
  );
}

/** A node's link as the hub hands it on; what is sent to it is kept. */
function linkOf(name: string, features: readonly string[] = [], session = newId()) {
  const sent: Frame[] = [];
  const state = { isOpen: true, isDraining: false };
  const link = {
    sessionId: session,
    nodeId: `id-of-${name}`,
    nodeName: name,
    epoch: 1,
    capabilities: new Set(["task"]),
    labels: {},
    info: { features },
    get isOpen() {
      return state.isOpen;
    },
    get isDraining() {
      return state.isDraining;
    },
    send: async (frame: Frame) => {
      if (!state.isOpen) throw new Error("the link is gone");
      sent.push(frame);
    },
  } as unknown as LinkSession;
  return { link, sent, state };
}

async function frameOf(sent: readonly Frame[], type: string, count = 1): Promise<Frame> {
  return await vi.waitFor(() => {
    const found = sent.filter((frame) => frame.type === type)[count - 1];
    if (found === undefined) throw new Error(`no ${type} yet: ${sent.map(({ type: t }) => t)}`);
    return found;
  }, PATIENCE);
}

const log = (lease_id: unknown, seq: number, text: string, stream = "stdout") => ({
  ...{ type: "task_log", lease_id, seq, stream, data: Buffer.from(text) },
});
const result = (lease_id: unknown, more: object = {}) => ({
  ...{ type: "task_result", lease_id, fence: 1, status: "succeeded", exit_code: 0 },
  ...{ duration_ms: 5, stdout_bytes: 0, stderr_bytes: 0, files: [], ...more },
});
const end = (id: string) => one.engine.waitForEnd(id, 15_000);

/** A run on a node whose job was offered and accepted. */
async function running(name: string, ref = "test.on") {
  const jobs = jobsOf();
  const node = linkOf(name);
  jobs.onOpen(node.link);
  jobs.onFrame(node.link, { type: "task_ready", slots: 2 } as Frame);
  const id = await one.start(ref, { node: name });
  const offer = await frameOf(node.sent, "task_offer");
  jobs.onFrame(node.link, { type: "task_accept", id: offer["id"] } as Frame);
  return { jobs, node, id, offer, lease: offer["lease_id"] };
}

describe("a job on a node", () => {
  it("is offered with what it is to run, and its output is the step's", async () => {
    const { jobs, node, id, offer, lease } = await running("lab");
    expect(offer).toMatchObject({ fence: 1, attempt: 1, lease_ms: 60_000 });
    expect(offer["job"]).toMatchObject({ id: lease });
    expect((offer["job"] as { payload: object }).payload).toMatchObject({
      argv: ["/bin/sh", "-eu", "-c", "echo hi", "script"],
      env: { YARD_RUN_ID: id, YARD_STEP: "a", YARD_ATTEMPT: "1" },
      stdin_b64: Buffer.from('{"n":1}\n').toString("base64"),
      timeout_ms: 300_000,
    });
    jobs.onFrame(node.link, log(lease, 1, "hel"));
    jobs.onFrame(node.link, log(lease, 2, "trouble\n", "stderr"));
    jobs.onFrame(node.link, log(lease, 3, "lo\n"));
    jobs.onFrame(node.link, result(lease));
    // Over on the node; a goodbye waits until that is recorded.
    expect([jobs.running?.(node.link), jobs.unrecorded?.(node.link)]).toEqual([0, 1]);
    expect(await end(id)).toMatchObject({ status: "success" });
    await vi.waitFor(() => expect(jobs.unrecorded?.(node.link)).toBe(0), PATIENCE);
    expect((await one.engine.steps(id))?.[0]).toMatchObject({ output: "hello" });
    expect(
      (await one.engine.logs(id, { limit: 10 })).map(({ stream, text }) => [stream, text]),
    ).toEqual(expect.arrayContaining([["stderr", "trouble\n"]]));
    expect(await frameOf(node.sent, "task_done")).toMatchObject({ accepted: true });
    await vi.waitFor(() => expect(audited).toHaveLength(2));
    expect(audited).toMatchObject([
      { phase: "begin", action: "node.job", requestId: lease, actor: `run:${id}` },
      { phase: "end", status: "ok", exitCode: 0, requestId: lease },
    ]);
  });

  it("fails as its process does, with the end of what it wrote to stderr", async () => {
    const { jobs, node, id, lease } = await running("failing");
    jobs.onFrame(node.link, log(lease, 1, "no such thing\n", "stderr"));
    jobs.onFrame(
      node.link,
      result(lease, { status: "failed", exit_code: 3, error: "exec_failed" }),
    );
    expect(await end(id)).toMatchObject({ status: "failed" });
    expect((await one.engine.steps(id))?.[0]?.error).toMatchObject({
      code: "process_exit",
      message: "The process exited with code 3: no such thing",
      details: { exit_code: 3 },
    });
  });

  it("says of a program that the node could not start why, and not that it exited", async () => {
    const { jobs, node, id, lease } = await running("none");
    const error_detail = '"none" cannot be started in work (ENOENT)';
    const told = { status: "failed", exit_code: -1, error: "exec_failed", error_detail } as const;
    jobs.onFrame(node.link, result(lease, told));
    expect(await end(id)).toMatchObject({ status: "failed" });
    expect((await one.engine.steps(id))?.[0]?.error).toMatchObject({
      code: "process_start",
      message: expect.stringContaining(error_detail),
    });
  });

  it("says of a program that has run that its files could not be handed back, and not that it could not run", async () => {
    const { jobs, node, id, lease } = await running("torn");
    const told = {
      status: "failed",
      exit_code: 0,
      error: "io_error",
      error_detail: "why",
    } as const;
    jobs.onFrame(node.link, result(lease, told));
    expect(await end(id)).toMatchObject({ status: "failed" });
    expect((await one.engine.steps(id))?.[0]?.error).toMatchObject({
      code: "io_error",
      message: "Its files could not be handed back: why",
    });
  });

  it("goes on over a cut link: logs that come twice count once, and its lease is kept", async () => {
    const { jobs, node, id, lease } = await running("cut");
    jobs.onFrame(node.link, log(lease, 1, "a"));
    node.state.isOpen = false;
    jobs.onClosed(node.link, "lost", 60_000);
    const back = linkOf("cut");
    expect(
      await jobs.onResume(back.link, [
        { lease_id: lease as string, fence: 1 },
        { lease_id: "of-before", fence: 1 },
      ]),
    ).toEqual([
      { lease_id: lease, keep: true },
      { lease_id: "of-before", keep: false },
    ]);
    jobs.onOpen(back.link);
    jobs.onFrame(back.link, log(lease, 1, "a"));
    jobs.onFrame(back.link, log(lease, 2, "b"));
    // What the old link still says is not heard.
    expect(jobs.onFrame(node.link, log(lease, 3, "old"))).toBe(false);
    jobs.onFrame(back.link, result(lease));
    expect(await end(id)).toMatchObject({ status: "success" });
    expect((await one.engine.steps(id))?.[0]).toMatchObject({ output: "ab" });
  });

  it("is lost where the node comes back without it, and runs again", async () => {
    const { jobs, node, id } = await running("forgetful");
    node.state.isOpen = false;
    jobs.onClosed(node.link, "lost", 60_000);
    const back = linkOf("forgetful");
    await jobs.onResume(back.link, []);
    jobs.onOpen(back.link);
    const again = await frameOf(back.sent, "task_offer");
    expect(again).toMatchObject({ fence: 2, attempt: 2 });
    jobs.onFrame(back.link, { type: "task_accept", id: again["id"] } as Frame);
    jobs.onFrame(back.link, result(again["lease_id"], { fence: 2 }));
    expect(await end(id)).toMatchObject({ status: "success" });
  });

  it("is lost when the link does not come back in time, and the node's late word is refused", async () => {
    const { jobs, node, id, lease } = await running("late");
    node.state.isOpen = false;
    jobs.onClosed(node.link, "lost", 20);
    await vi.waitFor(async () => {
      expect((await one.engine.steps(id))?.[0]?.attempts[0]?.status).toBe("lost");
    }, PATIENCE);
    const back = linkOf("late");
    expect(await jobs.onResume(back.link, [{ lease_id: lease as string, fence: 1 }])).toEqual([
      { lease_id: lease, keep: false },
    ]);
    jobs.onFrame(back.link, result(lease));
    expect(await frameOf(back.sent, "task_done")).toMatchObject({ accepted: false });
    await one.engine.cancel(id, "test");
    await end(id);
  });

  it("is canceled on the node, and ends when the node says so", async () => {
    const { jobs, node, id, lease } = await running("canceled");
    await one.engine.cancel(id, "test");
    expect(await frameOf(node.sent, "task_cancel")).toMatchObject({ lease_id: lease });
    expect(await one.engine.run(id)).toMatchObject({ status: "running" });
    jobs.onFrame(node.link, result(lease, { status: "canceled", exit_code: -1 }));
    expect(await end(id)).toMatchObject({ status: "canceled" });
  });

  it("that a node has no room for now goes on waiting, without blame", async () => {
    const jobs = jobsOf();
    const node = linkOf("full");
    jobs.onFrame(node.link, { type: "task_ready", slots: 1 } as Frame);
    const id = await one.start("test.on", { node: "full" });
    const offer = await frameOf(node.sent, "task_offer");
    jobs.onFrame(node.link, { type: "task_reject", id: offer["id"], reason: "busy" } as Frame);
    await vi.waitFor(async () => {
      expect(await one.engine.run(id)).toMatchObject({ reason: "waits for node full" });
    }, PATIENCE);
    jobs.onFrame(node.link, { type: "task_ready", slots: 1 } as Frame);
    const again = await frameOf(node.sent, "task_offer", 2);
    jobs.onFrame(node.link, {
      ...{ type: "task_reject", id: again["id"], reason: "forbidden" },
      detail: "its policy refuses /bin/sh",
    } as Frame);
    expect(await end(id)).toMatchObject({ status: "failed" });
    expect((await one.engine.steps(id))?.[0]?.error?.message).toBe(
      "The node refused the job: forbidden: its policy refuses /bin/sh.",
    );
  });

  it("that its machine cannot begin is given back, told why, and offered again after a while, which counts as no try", async () => {
    const { jobs, node, id, lease } = await running("sick");
    const why = "ENOSPC: no space left on device: make room";
    const told = { status: "failed", exit_code: -1, error: "not_begun", error_detail: why };
    jobs.onFrame(node.link, result(lease, told));
    await vi.waitFor(async () => {
      expect(await one.engine.run(id)).toMatchObject({ reason: "waits for node sick" });
    }, PATIENCE);
    const givenBackMs = performance.now();
    expect((await one.engine.explain(id))?.chain.join("\n")).toContain(why);
    // Whoever could not begin one is asked for another only after a rest, whatever room it says it has.
    jobs.onFrame(node.link, { type: "task_ready", slots: 4 } as Frame);
    const again = await frameOf(node.sent, "task_offer", 2);
    expect(performance.now() - givenBackMs).toBeGreaterThan(1_500);
    expect(again).toMatchObject({ fence: 2 });
    jobs.onFrame(node.link, { type: "task_accept", id: again["id"] } as Frame);
    jobs.onFrame(node.link, result(again["lease_id"], { fence: 2 }));
    expect(await end(id)).toMatchObject({ status: "success" });
    expect((await one.engine.steps(id))?.[0]?.attempts.map(({ status }) => status)).toEqual([
      "lost",
      "success",
    ]);
    expect(audited).toContainEqual(expect.objectContaining({ phase: "end", status: "not_begun" }));
  });

  it("is not renewed nor ended under another fence than its own", async () => {
    const { jobs, node, id, lease } = await running("fenced");
    const stale = { type: "task_renew", lease_id: lease, fence: 7 };
    expect(jobs.onFrame(node.link, stale)).toBe(false);
    expect(await frameOf(node.sent, "task_lost")).toMatchObject({ lease_id: lease, fence: 7 });
    jobs.onFrame(node.link, result(lease, { fence: 7, status: "failed", exit_code: 1 }));
    expect(await frameOf(node.sent, "task_done")).toMatchObject({ accepted: false });
    expect(node.sent.some(({ type }) => type === "task_renewed")).toBe(false);
    jobs.onFrame(node.link, result(lease));
    expect(await end(id)).toMatchObject({ status: "success" });
  });

  it("lets its node say twice what room it has, and counts what it says beyond", async () => {
    const { jobs, node, id, lease } = await running("telling");
    const tell = () => jobs.onFrame(node.link, { type: "task_ready", slots: 1 } as Frame);
    expect([tell(), tell(), tell()]).toEqual([true, true, false]);
    jobs.onFrame(node.link, result(lease));
    await end(id);
  });

  it("keeps its lease for as long as the node's session is renewed", async () => {
    const { jobs, node, id, lease } = await running("renewing");
    jobs.onFrame(node.link, { type: "task_renew", lease_id: lease, fence: 1 } as Frame);
    expect(await frameOf(node.sent, "task_renewed")).toMatchObject({ lease_id: lease });
    jobs.onFrame(node.link, result(lease));
    await end(id);
    jobs.onFrame(node.link, { type: "task_renew", lease_id: lease, fence: 1 } as Frame);
    expect(await frameOf(node.sent, "task_lost")).toMatchObject({ lease_id: lease });
  });
});

describe("the files of a job on a node", () => {
  const CONTENT = Buffer.from("made");
  const FILE = {
    path: "out/a",
    bytes: 4,
    sha256: createHash("sha256").update(CONTENT).digest("hex"),
  };
  const made = (lease: unknown, more: object = {}) =>
    result(lease, { files: [{ ...FILE, ...more }] });
  const piece = (fetch: Frame, data = CONTENT) => ({
    ...{ type: "task_file_data", lease_id: fetch["lease_id"], path: fetch["path"] },
    ...{ offset: fetch["offset"], data, eof: true },
  });
  const stored = async (): Promise<number> => {
    const { rows } = await db.database.pool.query(
      "SELECT count(*)::int AS count FROM file_contents",
    );
    return rows[0].count;
  };

  it("are fetched before the node may forget it, with its lease going on, and over the next link", async () => {
    const { jobs, node, id, lease } = await running("maker", "test.make");
    jobs.onFrame(node.link, made(lease));
    await frameOf(node.sent, "task_fetch");
    jobs.onFrame(node.link, { type: "task_renew", lease_id: lease, fence: 1 } as Frame);
    await frameOf(node.sent, "task_renewed");
    expect(node.sent.some(({ type }) => type === "task_done")).toBe(false);
    node.state.isOpen = false;
    jobs.onClosed(node.link, "lost", 60_000);
    const back = linkOf("maker", ["work_files"]);
    await jobs.onResume(back.link, [{ lease_id: lease as string, fence: 1 }]);
    jobs.onOpen(back.link);
    jobs.onFrame(back.link, made(lease));
    jobs.onFrame(back.link, piece(await frameOf(back.sent, "task_fetch")));
    expect(await frameOf(back.sent, "task_done")).toMatchObject({ accepted: true });
    jobs.onFrame(back.link, { type: "task_ready", slots: 1 } as Frame);
    const offer = await frameOf(back.sent, "task_offer");
    const { payload } = offer["job"] as { payload: { work_files: object[] } };
    expect(payload.work_files).toEqual([{ ...FILE, mode: "0644" }]);
    jobs.onFrame(back.link, { type: "task_accept", id: offer["id"] } as Frame);
    const [own] = payload.work_files as { sha256: string }[];
    const need = { type: "task_need", lease_id: offer["lease_id"] };
    jobs.onFrame(back.link, { ...need, files: [{ sha256: own?.sha256, offset: 1 }] } as Frame);
    expect(await frameOf(back.sent, "task_file")).toMatchObject({
      ...{ sha256: FILE.sha256, offset: 1, data: CONTENT.subarray(1), eof: true },
    });
    jobs.onFrame(back.link, result(offer["lease_id"]));
    expect(await end(id)).toMatchObject({ status: "success" });
    expect((await one.engine.steps(id))?.[0]?.files).toEqual([{ ...FILE, mode: "0644" }]);
  });

  it("fail a step on a node whose client is too old to be given some", async () => {
    const { jobs, node, id, lease } = await running("old", "test.make");
    jobs.onFrame(node.link, made(lease));
    jobs.onFrame(node.link, piece(await frameOf(node.sent, "task_fetch")));
    await frameOf(node.sent, "task_done");
    jobs.onFrame(node.link, { type: "task_ready", slots: 1 } as Frame);
    expect((await end(id))?.error).toMatchObject({ code: "unsupported" });
    expect(node.sent.filter(({ type }) => type === "task_offer")).toHaveLength(1);
  });

  it("beyond a limit are not asked for, and nothing is stored", async () => {
    const before = await stored();
    const { jobs, node, id, lease } = await running("greedy", "test.make");
    jobs.onFrame(node.link, made(lease, { bytes: 104_857_601 }));
    const ended = await end(id);
    expect(ended?.error).toMatchObject({ code: "limit_exceeded" });
    expect(ended?.error?.message).toContain("out/a has 100 MiB (104857601 bytes)");
    expect(node.sent.some(({ type }) => type === "task_fetch")).toBe(false);
    expect(await stored()).toBe(before);
  });

  it("that are not what their checksum says fail the attempt", async () => {
    const { jobs, node, id, lease } = await running("liar", "test.make");
    jobs.onFrame(node.link, made(lease));
    jobs.onFrame(node.link, piece(await frameOf(node.sent, "task_fetch"), Buffer.from("fake")));
    expect((await end(id))?.error).toMatchObject({ code: "hash_mismatch" });
    expect(await frameOf(node.sent, "task_done")).toMatchObject({ accepted: true });
  });

  it("are let go when the run is canceled while they come", async () => {
    const { jobs, node, id, lease } = await running("stopped", "test.make");
    jobs.onFrame(node.link, made(lease));
    await frameOf(node.sent, "task_fetch");
    await one.engine.cancel(id, "test");
    expect(await frameOf(node.sent, "task_done")).toMatchObject({ lease_id: lease });
    expect(await end(id)).toMatchObject({ status: "canceled" });
  });

  it("come again where the node was lost while they came", async () => {
    const { jobs, node, id, lease } = await running("weak", "test.make");
    jobs.onFrame(node.link, made(lease));
    await frameOf(node.sent, "task_fetch");
    node.state.isOpen = false;
    jobs.onClosed(node.link, "lost", 0);
    await vi.waitFor(async () => {
      const attempts = (await one.engine.steps(id))?.[0]?.attempts;
      expect(attempts?.[0]?.status).toBe("lost");
    }, PATIENCE);
    const back = linkOf("weak");
    jobs.onFrame(back.link, { type: "task_ready", slots: 1 } as Frame);
    expect(await frameOf(back.sent, "task_offer")).toMatchObject({ fence: 2 });
    await one.engine.cancel(id, "test");
  });
});
