import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, workflowOf } from "../../test/workflows.ts";

const folder = mkdtempSync(join(tmpdir(), "yard-lanes-"));
const LEDGER = join(folder, "ledger");

/** Writes its start and its end, with its run's place in the order of starting, to the ledger. */
const SCRIPT = `read -r input; echo "+ $input" >> ${LEDGER}; sleep 0.03; echo "- $input" >> ${LEDGER}`;
const LOGGED = actionOf("test.logged", { kind: "process", script: SCRIPT, output: "none" });
const WORKFLOWS = [
  workflowOf("test.narrow", [
    { id: "work", action: LOGGED, queue: "narrow", with: { n: "${{ input.n }}" } },
  ]),
  workflowOf("test.keyed", [
    {
      id: "work",
      action: LOGGED,
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

const QUEUES = [
  { name: "narrow", concurrency: 2, keyConcurrency: null, fifo: false },
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
