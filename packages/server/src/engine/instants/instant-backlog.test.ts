import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, NOOP, workflowOf } from "../../../test/workflows.ts";

const WORKFLOWS = [
  workflowOf("test.noop", [{ id: "a", action: NOOP }]),
  workflowOf("test.many", [
    { id: "each", action: NOOP, forEach: "lists.range(4000)", concurrency: 10_000 },
  ]),
  workflowOf("test.three", [
    { id: "a", action: ECHO, with: { n: "${{ input.n }}" } },
    { id: "b", action: ECHO, with: { n: "${{ steps.a.output.n }}" } },
    { id: "c", action: ECHO, with: { n: "${{ steps.b.output.n }}" } },
  ]),
];
const PATIENCE = { timeout: 20_000, interval: 20 };

let db: TestDatabase;
const engines: TestEngine[] = [];
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const one of engines.splice(0)) await one.close();
  await db.drop();
});

async function engine(
  roles: readonly ("api" | "worker" | "scheduler")[],
  definitions = definitionsOf(WORKFLOWS),
): Promise<TestEngine> {
  const one = await startEngine(db.url, definitions, { roles });
  engines.push(one);
  return one;
}

async function enqueue(front: TestEngine, ref: string, count: number): Promise<string[]> {
  const runs = Array.from({ length: count }, (_, n) =>
    front.engine.prepare({ ref, input: { n }, createdBy: "test" }),
  );
  await front.engine.commit({ runs });
  return runs.map(({ id }) => id);
}

const counts = async (front: TestEngine) =>
  (
    await front.database.pool.query(
      `SELECT (SELECT count(*)::int FROM run_history WHERE status = 'success') AS ended,
              (SELECT count(*)::int FROM runs) AS live, (SELECT count(*)::int FROM leases) AS leased,
              (SELECT count(*)::int FROM dispatch) AS waiting,
              (SELECT count(*)::int FROM journal j CROSS JOIN json_array_elements(j.events) e WHERE e ->> 'type' = 'attempt_ended') AS ends`,
    )
  ).rows[0];

it("what waited is carried out by whoever has workers, behind more paused runs than one reading holds", async () => {
  const front = await engine(["api"]);
  const paused = await enqueue(front, "test.noop", 300);
  for (const id of paused) await front.engine.pause(id, "test");
  await enqueue(front, "test.three", 300);
  expect(await counts(front)).toMatchObject({ live: 600, waiting: 600 });
  await engine(["worker", "scheduler"]);
  await vi.waitFor(async () => {
    expect(await counts(front)).toMatchObject({ ended: 300, live: 300, leased: 0, waiting: 300 });
  }, PATIENCE);
  await front.engine.resume(paused[7] as string, "test");
  await vi.waitFor(async () => expect(await counts(front)).toMatchObject({ ended: 301 }), PATIENCE);
});

it("of each attempt one end is recorded, though many processes are at the same backlog", async () => {
  const front = await engine(["api"]);
  await enqueue(front, "test.noop", 1_500);
  await Promise.all([1, 2, 3].map(() => engine(["worker", "scheduler"])));
  await vi.waitFor(async () => {
    expect(await counts(front)).toEqual({
      ended: 1_500,
      live: 0,
      leased: 0,
      waiting: 0,
      ends: 1_500,
    });
  }, PATIENCE);
});

it("one run of which thousands wait is carried out in seconds: it is read and folded once for many of them", async () => {
  const front = await engine(["api"]);
  const [id] = (await enqueue(front, "test.many", 1)) as [string];
  await engine(["worker", "scheduler"]);
  expect(await front.engine.waitForEnd(id, 20_000)).toMatchObject({ status: "success" });
});

it("a process holds up nothing beside a run whose definition it does not have, and carries it out once it has", async () => {
  const script = { kind: "process", script: "true", output: "none" } as const;
  const step = { id: "a", action: actionOf("test.script", script) };
  const newer = [
    workflowOf("test.new", [{ id: "a", action: NOOP }]),
    workflowOf("test.job", [step]),
  ];
  const front = await engine(["api"], definitionsOf([...WORKFLOWS, ...newer]));
  await enqueue(front, "test.new", 1);
  await enqueue(front, "test.job", 1);
  await enqueue(front, "test.noop", 3);
  let known = definitionsOf(WORKFLOWS);
  await engine(["worker", "scheduler"], {
    ...known,
    pinned: (ref, digest) => known.pinned(ref, digest),
  });
  await vi.waitFor(async () => {
    expect(await counts(front)).toMatchObject({ ended: 3, live: 2, leased: 0, waiting: 2 });
  }, PATIENCE);
  known = definitionsOf([...WORKFLOWS, ...newer]);
  await vi.waitFor(async () => expect(await counts(front)).toMatchObject({ ended: 5 }), PATIENCE);
});

it("a run that is canceled while it waits does nothing", async () => {
  const front = await engine(["api"]);
  const [id = ""] = await enqueue(front, "test.noop", 1);
  await front.engine.cancel(id, "test");
  await engine(["worker", "scheduler"]);
  await vi.waitFor(async () => {
    expect(await front.engine.run(id)).toMatchObject({ status: "canceled" });
  }, PATIENCE);
  expect(await counts(front)).toMatchObject({ live: 0, waiting: 0 });
});
