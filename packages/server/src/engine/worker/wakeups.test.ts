import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startEngine, type TestEngine } from "../../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { definitionsOf, NOOP, workflowOf } from "../../../test/workflows.ts";
import { WAKE_CHANNEL } from "./wakeups.store.ts";
import { createWakeups } from "./wakeups.ts";

const DEFINITIONS = definitionsOf([workflowOf("test.noop", [{ id: "a", action: NOOP }])]);

let db: TestDatabase;
const engines: TestEngine[] = [];
const heard: string[] = [];
let deafen: () => Promise<void>;
beforeEach(async () => {
  db = await createTestDatabase();
  heard.length = 0;
  const listening = await db.database.listen(WAKE_CHANNEL, (payload) => heard.push(payload));
  deafen = listening.stop;
});
afterEach(async () => {
  for (const one of engines.splice(0)) await one.close();
  await deafen();
  await db.drop();
});

async function engine(roles: readonly ("api" | "worker" | "scheduler")[]): Promise<TestEngine> {
  const one = await startEngine(db.url, DEFINITIONS, { roles });
  engines.push(one);
  return one;
}

async function enqueue(front: TestEngine): Promise<void> {
  const run = front.engine.prepare({ ref: "test.noop", input: {}, createdBy: "test" });
  await front.engine.commit({ runs: [run] });
}

it("hints of one moment go together, and nobody is told while there is nobody", async () => {
  let others = 0;
  const wakeups = createWakeups(db.database.pool, () => others);
  wakeups.hint("process");
  others = 1;
  wakeups.hint("core");
  wakeups.hint("lanes");
  wakeups.hint("core");
  await vi.waitFor(() => expect(heard).toEqual(["core,lanes"]));
  wakeups.close();
});

it("a process without a worker, alone so far, tells one that joins of what waits from that moment on", async () => {
  const front = await engine(["api", "scheduler"]);
  await enqueue(front);
  await engine(["worker"]);
  await vi.waitFor(() => expect(heard).toContain("joined"));
  // Its own look around comes every 1.5 s.
  await vi.waitFor(
    async () => {
      await enqueue(front);
      expect(heard.filter((payload) => payload !== "joined")).not.toEqual([]);
    },
    { timeout: 700, interval: 20 },
  );
  expect(heard.slice(0, heard.lastIndexOf("joined"))).not.toContain("instant");
});
