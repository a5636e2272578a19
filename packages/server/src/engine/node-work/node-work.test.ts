import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../../test/workflows.ts";
import type { AttemptContext, AttemptResult } from "../../runners/index.ts";
import type { NodePlace } from "../index.ts";

const WORK = actionOf("test.work", { kind: "process", script: "true", output: "json" });
const WORKFLOWS = [
  workflowOf("test.labeled", [{ id: "a", action: WORK, on: { labels: ["gpu"] } }]),
  workflowOf("test.named", [
    { id: "a", action: WORK, on: { node: "${{ input.node }}" }, retry: { attempts: 2 } },
  ]),
  workflowOf("test.many", [
    { id: "a", action: WORK, forEach: "[1, 2, 3, 4, 5]", on: { labels: ["many"] } },
  ]),
  workflowOf("test.narrow", [{ id: "a", action: WORK, queue: "narrow", on: { node: "lane" } }]),
];
const FACTS = { durationMs: 1, stdoutBytes: 0, stderrBytes: 0 };
const PATIENCE = { interval: 10 };

interface Asked {
  readonly context: AttemptContext;
  end(result?: Partial<AttemptResult>): void;
}

/** A node whose jobs end when a test says so, or as the engine stops them. */
function placeOf(name: string, labels: Record<string, string> = {}, capacity = 10) {
  const asked: Asked[] = [];
  let ended = 0;
  const place: NodePlace = {
    nodeId: `id-of-${name}`,
    name: () => name,
    labels: () => labels,
    capacity: () => capacity,
    isReachable: () => true,
    work: (_, context) =>
      new Promise((resolve) => {
        const end = (result: Partial<AttemptResult> = {}): void =>
          resolve({ status: "success", output: name, facts: FACTS, ...result } as AttemptResult);
        const error = { code: "canceled", message: "stopped" } as const;
        const onAbort = (): void => end({ status: "canceled", error } as Partial<AttemptResult>);
        context.signal.addEventListener("abort", onAbort);
        if (context.signal.aborted) onAbort();
        asked.push({ context, end });
      }),
    onEnded: () => ended++,
  };
  return { place, asked, ended: () => ended };
}

let db: TestDatabase;
let one: TestEngine;

beforeAll(async () => {
  db = await createTestDatabase();
  one = await startEngine(db.url, definitionsOf(WORKFLOWS));
  await one.engine.setQueues([
    { name: "narrow", concurrency: 1, keyConcurrency: null, fifo: false },
  ]);
});
afterAll(async () => {
  await one.close();
  await db.drop();
});

async function first(asked: readonly Asked[], count = 1): Promise<Asked> {
  await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(count), PATIENCE);
  return asked[count - 1] as Asked;
}

const outcome = (id: string) => one.engine.waitForEnd(id, 20_000);

describe("an attempt for nodes", () => {
  it("waits for one that matches, says for which, and is carried out by it", async () => {
    const other = placeOf("plain");
    const otherSession = await one.engine.nodeWork.open(other.place);
    const id = await one.start("test.labeled");
    expect(await one.engine.run(id)).toMatchObject({
      status: "queued",
      reason: "waits for a node with label gpu",
    });
    expect((await one.engine.explain(id))?.chain).toContain(
      "step a: waits for a node with label gpu",
    );
    const gpu = placeOf("strong", { gpu: "a100" });
    const session = await one.engine.nodeWork.open(gpu.place);
    (await first(gpu.asked)).end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    expect((await one.engine.steps(id))?.[0]).toMatchObject({
      output: "strong",
      attempts: [{ worker: session.sessionId }],
    });
    expect(other.asked).toHaveLength(0);
    await Promise.all([session.close("test"), otherSession.close("test")]);
  });

  it("is tried again on the node that its step names", async () => {
    const a = placeOf("a");
    const b = placeOf("b");
    const sessions = [
      await one.engine.nodeWork.open(a.place),
      await one.engine.nodeWork.open(b.place),
    ];
    const id = await one.start("test.named", { node: "b" });
    const error = { code: "process_exit", message: "exit 1" } as const;
    (await first(b.asked)).end({ status: "failed", error });
    (await first(b.asked, 2)).end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    expect(b.asked.map(({ context }) => context.attempt)).toEqual([1, 2]);
    expect(a.asked).toHaveLength(0);
    for (const session of sessions) await session.close("test");
  });

  it("knows whether one before it may have done something: one that was refused cannot have", async () => {
    const node = placeOf("choosy");
    const session = await one.engine.nodeWork.open(node.place);
    const id = await one.start("test.named", { node: "choosy" });
    const mayHaveBegun = async (count: number): Promise<unknown> =>
      await (await first(node.asked, count)).context.mayHaveBegun?.();
    expect(await mayHaveBegun(1)).toBe(false);
    const givenBack = { status: "lost", givenBack: true } as Partial<AttemptResult>;
    (await first(node.asked)).end({ ...givenBack, begun: false } as Partial<AttemptResult>);
    expect(await mayHaveBegun(2)).toBe(false);
    // It did not answer, and may have begun.
    (await first(node.asked, 2)).end(givenBack);
    expect(await mayHaveBegun(3)).toBe(true);
    (await first(node.asked, 3)).end({ ...givenBack, begun: false } as Partial<AttemptResult>);
    expect(await mayHaveBegun(4)).toBe(true);
    (await first(node.asked, 4)).end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    await session.close("test");
  });

  it("is given out up to what each node takes at once", async () => {
    const small = placeOf("small", { many: "" }, 2);
    const session = await one.engine.nodeWork.open(small.place);
    const id = await one.start("test.many");
    await first(small.asked, 2);
    const large = placeOf("large", { many: "" }, 2);
    const largeSession = await one.engine.nodeWork.open(large.place);
    await first(large.asked, 2);
    expect(small.asked).toHaveLength(2);
    small.asked[0]?.end();
    await first(small.asked, 3);
    for (const { end } of [...small.asked, ...large.asked]) end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    for (const each of [session, largeSession]) await each.close("test");
  });

  it("is admitted through its queue", async () => {
    const { place, asked } = placeOf("lane");
    const ids = [await one.start("test.narrow")];
    const { chain, unblock } = (await one.engine.explain(ids[0] as string)) ?? {};
    expect(chain?.at(-1)).toBe("it waits for node lane as well");
    expect(unblock).toEqual(["yard node list"]);
    const session = await one.engine.nodeWork.open(place);
    ids.push(await one.start("test.narrow"));
    const { end } = await first(asked);
    const running = (await one.engine.lane("narrow", 10))?.running;
    expect(running).toMatchObject([{ session_id: session.sessionId, node: "lane" }]);
    end();
    (await first(asked, 2)).end();
    for (const id of ids) expect(await outcome(id)).toMatchObject({ status: "success" });
    await session.close("test");
  });

  it("is stopped when its run is canceled", async () => {
    const { place, asked } = placeOf("stopped");
    const session = await one.engine.nodeWork.open(place);
    const id = await one.start("test.named", { node: "stopped" });
    const { context } = await first(asked);
    await one.engine.cancel(id, "test");
    expect(await outcome(id)).toMatchObject({ status: "canceled" });
    expect(context.signal.reason).toBe("cancel");
    await session.close("test");
  });

  it("is lost with the session of its node, and goes to the next", async () => {
    const gone = placeOf("twice");
    const session = await one.engine.nodeWork.open(gone.place);
    const id = await one.start("test.named", { node: "twice" });
    const { context } = await first(gone.asked);
    const back = placeOf("twice");
    await session.close("its link is gone");
    expect(gone.ended()).toBe(1);
    expect(context.signal.reason).toBe("lease_lost");
    const next = await one.engine.nodeWork.open(back.place);
    (await first(back.asked)).end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    expect((await one.engine.steps(id))?.[0]?.attempts.map(({ status }) => status)).toEqual([
      "lost",
      "success",
    ]);
    await next.close("test");
  });

  it("of a process that died is given out again when its node begins anew elsewhere", async () => {
    const two = await startEngine(db.url, definitionsOf(WORKFLOWS), { host: "elsewhere" });
    const old = placeOf("moved");
    await two.engine.nodeWork.open(old.place);
    const id = await two.start("test.named", { node: "moved" });
    await first(old.asked);
    // The other process never says so: to it, the node is there still.
    const anew = placeOf("moved");
    const session = await one.engine.nodeWork.open(anew.place);
    (await first(anew.asked)).end();
    expect(await outcome(id)).toMatchObject({ status: "success" });
    // Its late result changes nothing.
    old.asked[0]?.end({ output: "late" } as Partial<AttemptResult>);
    expect((await one.engine.steps(id))?.[0]).toMatchObject({ output: "moved" });
    await session.close("test");
    await two.close();
  });
});

it("a node's session is no process: it is neither counted nor listed as one", async () => {
  const session = await one.engine.nodeWork.open(placeOf("uncounted").place);
  expect((await one.engine.sessions()).map(({ id }) => id)).not.toContain(session.sessionId);
  expect(session.isRenewed()).toBe(true);
  await session.close("test");
  expect(session.isRenewed()).toBe(false);
});
