import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, workflowOf } from "../../../test/workflows.ts";

const folder = mkdtempSync(join(tmpdir(), "yard-lanes-"));
const LEDGER = join(folder, "ledger");

/** Writes its start and its end, with its run's place in the order of starting, to the ledger. */
const LOGGED = logged("test.logged", 0.03);
/** Long enough for another to begin meanwhile, where a process takes 30 ms to start. */
const LONG = logged("test.long", 0.25);

function logged(ref: string, seconds: number) {
  const script = `read -r input; echo "+ $input" >> ${LEDGER}; sleep ${seconds}; echo "- $input" >> ${LEDGER}`;
  return actionOf(ref, { kind: "process", script, output: "none" });
}

const WORKFLOWS = [
  workflowOf("test.narrow", [
    { id: "work", action: LONG, queue: "narrow", with: { n: "${{ input.n }}" } },
  ]),
  workflowOf("test.items", [
    {
      id: "work",
      action: LOGGED,
      queue: "single",
      forEach: "lists.range(12)",
      with: { n: "${{ item }}" },
    },
  ]),
  workflowOf("test.keyed", [
    {
      id: "work",
      action: LONG,
      queue: "keyed",
      key: "${{ input.key }}",
      with: { k: "${{ input.key }}" },
    },
  ]),
  workflowOf("test.line", [
    {
      id: "first",
      action: LOGGED,
      queue: "line",
      key: "${{ input.key }}",
      with: { k: "${{ input.key }}", n: "${{ input.n }}" },
    },
    {
      id: "second",
      action: LOGGED,
      queue: "line",
      key: "${{ input.key }}",
      with: { k: "${{ input.key }}", n: "${{ input.n }}" },
    },
  ]),
];

const RATED = [
  { name: "timed", concurrency: null, keyConcurrency: null, fifo: false, rate: rateOf(3, 700) },
  {
    name: "hourly",
    concurrency: null,
    keyConcurrency: null,
    fifo: false,
    rate: rateOf(2, 3_600_000),
  },
];
for (const { name } of RATED)
  WORKFLOWS.push(workflowOf(`test.${name}`, [{ id: "work", action: ECHO, queue: name, with: {} }]));

function rateOf(starts: number, perMs: number) {
  return { starts, perMs };
}

const QUEUES = [
  ...RATED,
  { name: "narrow", concurrency: 2, keyConcurrency: null, fifo: false },
  { name: "single", concurrency: 1, keyConcurrency: null, fifo: false },
  { name: "keyed", concurrency: null, keyConcurrency: 1, fifo: false },
  { name: "line", concurrency: 4, keyConcurrency: null, fifo: true },
];

/** Most that ran at once, counted over the ledger's lines that hold the text. */
function mostAtOnce(lines: readonly string[], text: string): number {
  let running = 0;
  let most = 0;
  for (const line of lines.filter((one) => one.includes(text))) {
    running += line.startsWith("+") ? 1 : -1;
    most = Math.max(most, running);
  }
  return most;
}

describe("lanes, with two processes that lease from them", () => {
  let db: TestDatabase;
  let engines: TestEngine[];
  beforeAll(async () => {
    db = await createTestDatabase();
    const definitions = definitionsOf(WORKFLOWS);
    engines = [await startEngine(db.url, definitions), await startEngine(db.url, definitions)];
    await engines[0]?.engine.setQueues(QUEUES);
  });
  afterAll(async () => {
    for (const engine of engines ?? []) await engine.close();
    await db?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ledgerOf(
    ref: string,
    inputs: readonly { readonly [key: string]: string | number }[],
  ): Promise<string[]> {
    appendFileSync(LEDGER, "");
    const before = readFileSync(LEDGER, "utf8").length;
    const ids: [TestEngine, string][] = [];
    for (const [i, input] of inputs.entries()) {
      const engine = engines[i % engines.length] as TestEngine;
      ids.push([engine, await engine.start(ref, input)]);
    }
    const ends = await Promise.all(ids.map(([engine, id]) => engine.engine.waitForEnd(id, 25_000)));
    expect(new Set(ends.map((end) => end?.status))).toEqual(new Set(["success"]));
    return readFileSync(LEDGER, "utf8").slice(before).trim().split("\n");
  }

  it("never run more attempts at once than their concurrency, and as many as it allows", async () => {
    const lines = await ledgerOf(
      "test.narrow",
      Array.from({ length: 12 }, (_, n) => ({ n })),
    );
    expect(mostAtOnce(lines, "{")).toBe(2);
  });

  it("start the items of a step by their numbers, the tenth after the second", async () => {
    const lines = await ledgerOf("test.items", [{}]);
    const started = lines.filter((line) => line.startsWith("+"));
    expect(started).toEqual(Array.from({ length: 12 }, (_, n) => `+ {"n":${n}}`));
  });

  it("never run more at once with one key than its limit, while other keys go on", async () => {
    const inputs = Array.from({ length: 12 }, (_, n) => ({ key: n % 2 === 0 ? "even" : "odd" }));
    const lines = await ledgerOf("test.keyed", inputs);
    expect([mostAtOnce(lines, "even"), mostAtOnce(lines, "odd")]).toEqual([1, 1]);
    expect(mostAtOnce(lines, "{")).toBe(2);
  });

  it("keep the runs of a FIFO key in the order in which they were acknowledged, each whole before the next", async () => {
    const inputs = Array.from({ length: 12 }, (_, n) => ({ key: n % 2 === 0 ? "even" : "odd", n }));
    const lines = await ledgerOf("test.line", inputs);
    for (const key of ["even", "odd"]) {
      const order = lines
        .filter((line) => line.includes(key))
        .map((line) => Number(/"n":(\d+)/.exec(line)?.[1]));
      const expected = inputs.filter((input) => input.key === key).flatMap(({ n }) => [n, n, n, n]);
      expect(order).toEqual(expected);
    }
  });

  it("start no more in any stretch of their rate's time than it allows, and go on by themselves", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push(await (engines[i % 2] as TestEngine).start("test.timed"));
    const [{ engine }] = engines as [TestEngine];
    for (const id of ids) expect((await engine.waitForEnd(id, 20_000))?.status).toBe("success");
    const steps = await Promise.all(ids.map((id) => engine.steps(id)));
    const starts = steps
      .flatMap((of) => of?.flatMap(({ attempts }) => attempts) ?? [])
      .map(({ started_at }) => Date.parse(started_at as string))
      .sort((a, b) => a - b);
    expect(starts).toHaveLength(10);
    // Leases are counted; that an attempt starts a little after its lease moves both ends of a stretch.
    for (let i = 3; i < starts.length; i++)
      expect((starts[i] as number) - (starts[i - 3] as number)).toBeGreaterThan(600);
    // Four waves: who waited for the look of every 1.5 s instead of the rate's time would need 4.5 s.
    expect((starts[9] as number) - (starts[0] as number)).toBeLessThan(4_400);
  });

  it("say that a rate is used up and until when, which a process that starts anew keeps to", async () => {
    const [one] = engines as [TestEngine];
    for (let i = 0; i < 2; i++) await one.engine.waitForEnd(await one.start("test.hourly"), 10_000);
    const waiting = await one.start("test.hourly");
    await expect
      .poll(async () => (await one.engine.lane("hourly", 1))?.nextStartAt)
      .toEqual(expect.any(String));
    const lane = await one.engine.lane("hourly", 1);
    expect(lane).toMatchObject({ ready: 1, leased: 0, rate: rateOf(2, 3_600_000) });
    const why = await one.engine.explain(waiting);
    expect(why?.chain.join("\n")).toContain(
      `it waits for the rate of queue "hourly" (2/h), next at ${lane?.nextStartAt}`,
    );
    const anew = await startEngine(db.url, definitionsOf(WORKFLOWS));
    const second = await anew.start("test.hourly");
    // Longer than the look of a process that finds what is ready by itself.
    expect(await anew.engine.waitForEnd(second, 2_000)).toBeUndefined();
    await anew.close();
    await one.engine.setQueues(QUEUES.map((queue) => ({ ...queue, rate: null })));
    await one.engine.pauseQueue("hourly", null);
    expect((await one.engine.waitForEnd(waiting, 10_000))?.status).toBe("success");
    await one.engine.setQueues(QUEUES);
  });

  it("say who holds a FIFO key, and what would free it", async () => {
    const [engine] = engines as [TestEngine];
    const first = await engine.start("test.line", { key: "held", n: 1 });
    const second = await engine.start("test.line", { key: "held", n: 2 });
    const explanation = await engine.engine.explain(second);
    expect(explanation?.chain.join("\n")).toContain(`run ${first} is at the head of the line`);
    expect(explanation?.unblock.join("\n")).toContain(first);
    await engine.engine.waitForEnd(second, 20_000);
  });
});
