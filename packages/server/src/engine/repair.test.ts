import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, FAIL, SLEEP, workflowOf } from "../../test/workflows.ts";

const folder = mkdtempSync(join(tmpdir(), "yard-repair-"));
const gate = join(folder, "gate");
/** Fails until the gate is there. */
const GATED = actionOf("test.gated", {
  kind: "process",
  script: `test -e ${gate} && echo through`,
  output: "text",
});
/** Fails for 2 until the gate is there. */
const GATED_ITEM = actionOf("test.gated_item", {
  kind: "process",
  script: `read -r input; test "$input" != '{"n":2}' || test -e ${gate}; echo "$input"`,
  output: "text",
});
const SHORT = actionOf("test.short", { kind: "process", script: "echo ran", output: "text" });

const WORKFLOWS = [
  workflowOf(
    "test.repair",
    [
      { id: "before", action: ECHO, with: { n: "${{ input.n }}" } },
      { id: "each", action: ECHO, forEach: "[1, 2]", with: { n: "${{ item }}" } },
      { id: "gated", action: GATED },
      { id: "after", action: ECHO, with: { n: "${{ steps.before.output.n + 1 }}" } },
    ],
    { n: "${{ steps.after.output.n }}", all: "${{ steps.each.items.map(i, i.output.n) }}" },
  ),
  workflowOf("test.pausing", [
    { id: "nap", action: SLEEP, with: { duration: "200ms" } },
    { id: "then", action: SHORT },
    { id: "last", action: ECHO },
  ]),
  workflowOf(
    "test.lists",
    [
      {
        id: "each",
        action: GATED_ITEM,
        forEach: "input.list",
        with: { n: "${{ item }}" },
      },
      { id: "lax", action: FAIL, onError: "continue" },
      { id: "gated", action: GATED },
    ],
    { all: "${{ steps.each.output }}", lax: "${{ steps.lax.status }}" },
  ),
  workflowOf("test.edited", [
    { id: "before", action: ECHO },
    { id: "after", action: ECHO },
  ]),
  workflowOf("test.queued", [{ id: "one", action: SHORT, queue: "lane" }]),
];

/** What the pack of `test.edited` has now. */
let digest: string | null = null;
const definitions = definitionsOf(WORKFLOWS);

describe("repair", () => {
  let db: TestDatabase;
  let test: TestEngine;
  beforeAll(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, {
      ...definitions,
      current(ref) {
        const now = definitions.current(ref);
        return now && (ref === "test.edited" ? { ...now, packDigest: digest } : now);
      },
    });
    await test.engine.setQueues([
      { name: "lane", concurrency: 1, keyConcurrency: null, fifo: false },
    ]);
  });
  afterAll(async () => {
    await test?.close();
    await db?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function retry(
    id: string,
    more: { from?: string; fromStart?: boolean; latest?: boolean } = {},
  ) {
    const run = await test.engine.prepareRetry(id, { by: "token:test", ...more });
    const ended = test.engine.waitForEnd(run.id, 10_000);
    await test.engine.commit({ runs: [run] });
    return (await ended) ?? (await test.engine.run(run.id));
  }

  const reusedOf = async (id: string) =>
    (await test.engine.steps(id))?.filter((step) => step.reused).map((step) => step.id);

  it("tries an ended run again and takes over what had succeeded", async () => {
    const failed = await test.finish("test.repair", { n: 1 });
    expect(failed.status).toBe("failed");
    expect(await retry(failed.id)).toMatchObject({ status: "failed", retry_of: failed.id });
    writeFileSync(gate, "");
    const repaired = await retry(failed.id);
    expect(repaired).toMatchObject({
      status: "success",
      retry_of: failed.id,
      output: { n: 2, all: [1, 2] },
    });
    const id = repaired?.id as string;
    expect(await reusedOf(id)).toEqual(["before", "each"]);
    expect(await test.engine.verify(id)).toMatchObject({ same: true });
    const [was, is] = await Promise.all([failed.id, id].map((one) => test.engine.explain(one)));
    expect(was?.chain).toContain(`it was tried again, as run ${id}`);
    expect(was?.unblock).toContain(`see how the new try stands: yard explain ${id}`);
    expect(was?.unblock.join()).not.toContain("yard retry");
    expect(is?.chain[0]).toContain(`, a new try of run ${failed.id}`);
    // And again, from a step in its middle, and from its start.
    const middle = await retry(id, { from: "each" });
    expect(await reusedOf(middle?.id as string)).toEqual(["before"]);
    const anew = await retry(id, { fromStart: true });
    expect(await reusedOf(anew?.id as string)).toEqual([]);
  });

  it("does again of a list what failed, and nothing of a failure that the run went on with", async () => {
    rmSync(gate, { force: true });
    const failed = await test.finish("test.lists", { list: [1, 2, 3] });
    expect(failed.error).toMatchObject({ details: { step: "each" } });
    writeFileSync(gate, "");
    const second = await retry(failed.id);
    const id = second?.id as string;
    expect(second).toMatchObject({
      status: "success",
      output: { all: [1, 2, 3].map((n) => `{"n":${n}}`) },
    });
    const each = (await test.engine.steps(id))?.find((step) => step.id === "each");
    expect(each).toMatchObject({ status: "success", items: [{}, {}, {}] });
    expect(each?.items?.map(({ reused, attempts }) => [reused, attempts.length])).toEqual([
      [true, 0],
      [undefined, 1],
      [true, 0],
    ]);
    expect(await test.engine.verify(id)).toMatchObject({ same: true });
    expect((await test.engine.explain(id))?.chain[1]).toBe(
      "it took over of that run: 2 of the 3 of step each",
    );
    // What it went on with is a result as any other.
    rmSync(gate);
    const third = await retry(id, { from: "gated" });
    expect(third).toMatchObject({ status: "failed", error: { details: { step: "gated" } } });
    const fourth = await test.engine.prepareRetry(third?.id as string, { by: "token:test" });
    expect(fourth.taken).toEqual({ steps: ["each", "lax"], parts: [] });
    const explained = await test.engine.explain(third?.id as string);
    expect(explained?.chain[1]).toBe("it took over of that run: step each, step lax (failed)");
    expect(await test.engine.verify(third?.id as string)).toMatchObject({ same: true });
  });

  it("refuses to try again what has not ended, and a step that is not there", async () => {
    const id = await test.start("test.pausing");
    const by = "token:test";
    await expect(test.engine.prepareRetry(id, { by })).rejects.toMatchObject({ code: "not_final" });
    const ended = await test.finish("test.repair", { n: 1 });
    await expect(test.engine.prepareRetry(ended.id, { by, from: "befor" })).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ path: "/from", hint: 'did you mean "before"?' }],
    });
  });

  it("takes nothing over from another version of the pack, and refuses to begin in its middle", async () => {
    const { id } = await test.finish("test.edited");
    const same = await retry(id, { latest: true, from: "after" });
    expect(await reusedOf(same?.id as string)).toEqual(["before"]);
    digest = "d".repeat(64);
    const anew = await retry(id, { latest: true });
    expect(await reusedOf(anew?.id as string)).toEqual([]);
    const refused = test.engine.prepareRetry(id, { by: "token:test", latest: true, from: "after" });
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("leave out either `from` or `latest`"),
      errors: [{ path: "/from", got: "after" }],
    });
  });

  it("holds a paused run, through its timers, until it is resumed", async () => {
    const id = await test.start("test.pausing");
    await test.engine.pause(id, "token:test");
    await expect.poll(async () => (await test.engine.steps(id))?.[0]?.status).toBe("success");
    expect(await test.engine.run(id)).toMatchObject({
      status: "waiting",
      reason: "paused by token:test",
    });
    expect(await test.engine.explain(id)).toMatchObject({
      chain: expect.arrayContaining(["step then: is not started before the run is resumed"]),
      unblock: [`yard runs resume ${id}`],
    });
    const { rows } = await db.database.pool.query("SELECT state FROM dispatch WHERE run_id = $1", [
      id,
    ]);
    expect(rows).toEqual([{ state: "paused" }]);
    const ended = test.engine.waitForEnd(id, 10_000);
    await test.engine.resume(id, "token:test");
    expect(await ended).toMatchObject({ status: "success" });
    expect(await test.engine.verify(id)).toMatchObject({ same: true });
  });

  it("starts nothing in a paused queue until it is resumed", async () => {
    expect(await test.engine.pauseQueue("lane", "token:test")).toBe(true);
    const id = await test.start("test.queued");
    const explained = await test.engine.explain(id);
    expect(explained?.chain.join("\n")).toContain('queue "lane" is paused by token:test');
    const ended = test.engine.waitForEnd(id, 10_000);
    expect(await test.engine.pauseQueue("lane", null)).toBe(true);
    expect(await ended).toMatchObject({ status: "success" });
    expect(await test.engine.pauseQueue("nowhere", null)).toBe(false);
  });
});
