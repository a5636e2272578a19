import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { definitionsOf } from "../../test/workflows.ts";
import { createQueueSweep } from "./sweep-queues.ts";

const RATE = { starts: 5, perMs: 3_600_000 };
const LIMITS = { concurrency: 1, keyConcurrency: null, fifo: false };
const QUEUES = [
  { name: "lane", ...LIMITS, rate: RATE },
  { name: "other", ...LIMITS },
];
const OLD = "d".repeat(64);
const ROW = "run_id, slot, number, queue";
const SELF = `'${randomUUID()}', 'a', 1, 'lane'`;
const WAITS = `INSERT INTO dispatch (${ROW}, runner, ref, input, state, due_at) VALUES (${SELF}, 'core', 'r', '{}'`;

describe("a queue that no pack declares any more", () => {
  let db: TestDatabase;
  let test: TestEngine;
  let declared: string[];
  let deleted: string[];
  beforeEach(async () => {
    db = await createTestDatabase();
    test = await startEngine(db.url, definitionsOf([]), { roles: ["api"] });
    await test.engine.setQueues(QUEUES);
    [declared, deleted] = [["other"], []];
  });
  afterEach(async () => {
    await test?.close();
    await db?.drop();
  });

  async function sweep(): Promise<string[]> {
    await createQueueSweep({
      engine: test.engine,
      packs: {
        declaredQueues: async () => declared,
        packsWithQueue: async () => [OLD],
        onChange: () => () => {},
      },
      onDeleted: (name) => deleted.push(name),
      onError: (error) => {
        throw error;
      },
    }).runOnce();
    return deleted;
  }

  const query = (sql: string) => db.database.pool.query(sql);
  const age = () => query("UPDATE queues SET removed_at = removed_at - interval '2 minutes'");
  const names = async () => (await test.engine.lanes()).map(({ name }) => name);

  it("is looked for as soon as the packs have changed", async () => {
    const listeners = new Set<() => void>();
    const marked: (readonly string[])[] = [];
    const queueSweep = createQueueSweep({
      engine: {
        markRemovedQueues: async (names) => {
          marked.push(names);
          return [];
        },
        deleteRemovedQueue: async () => false,
      },
      packs: {
        declaredQueues: async () => declared,
        packsWithQueue: async () => [],
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      onDeleted() {},
      onError() {},
    });
    queueSweep.start();
    for (const changed of listeners) changed();
    await queueSweep.close();
    expect(marked).toEqual([["other"]]);
    expect(listeners.size).toBe(0);
  });

  it("goes after a minute, and those that one declares stay", async () => {
    await sweep();
    expect(await sweep()).toEqual([]);
    await age();
    expect(await sweep()).toEqual(["lane"]);
    expect(await names()).toEqual(["other"]);
  });

  it.each([
    ["waits in it", `${WAITS}, 'ready', NULL)`, "DELETE FROM dispatch"],
    ["waits for its retry", `${WAITS}, 'delayed', now())`, "DELETE FROM dispatch"],
    ["waits for its run to be resumed", `${WAITS}, 'paused', NULL)`, "DELETE FROM dispatch"],
    [
      "runs in it",
      `INSERT INTO leases (${ROW}, session_id, leased_at) VALUES (${SELF}, '${randomUUID()}', now())`,
      "DELETE FROM leases",
    ],
    [
      "stands in a line of it",
      `INSERT INTO queue_keys (queue, key, run_id) VALUES ('lane', 'k', '${randomUUID()}')`,
      "DELETE FROM queue_keys",
    ],
    [
      "counts for its rate",
      "INSERT INTO queue_starts (queue, at, starts) VALUES ('lane', now(), 1)",
      "UPDATE queue_starts SET at = at - interval '2 hours'",
    ],
    [
      "may come to it, of a run that pins a pack which declares it,",
      `INSERT INTO runs (id, version, ref, pack_digest, input, created_at, created_by)
       VALUES ('${randomUUID()}', 1, 'r', '${OLD}', '{}', now(), 'test')`,
      "DELETE FROM runs",
    ],
  ])("stays while something %s", async (_, begin, end) => {
    await query(begin);
    await sweep();
    await age();
    expect(await sweep()).toEqual([]);
    await query(end);
    expect(await sweep()).toEqual(["lane"]);
    expect((await query("SELECT FROM queue_starts")).rowCount).toBe(0);
  });

  it("stays where it comes back, though a process that has not heard of that sweeps at the same moment", async () => {
    await sweep();
    await age();
    const client = await db.database.pool.connect();
    await client.query("BEGIN; SELECT FROM queues WHERE name = 'lane' FOR UPDATE");
    const swept = sweep();
    await expect
      .poll(async () => (await query("SELECT FROM pg_locks WHERE NOT granted")).rowCount)
      .toBe(1);
    await client.query("UPDATE queues SET removed_at = NULL WHERE name = 'lane'; COMMIT");
    client.release();
    expect(await swept).toEqual([]);
    await sweep();
    await age();
    await test.engine.setQueues(QUEUES);
    expect(await sweep()).toEqual([]);
    expect(await names()).toEqual(["lane", "other"]);
  });

  it("that is declared again is removed no more, even where this process does not have the pack", async () => {
    await sweep();
    await age();
    declared = ["lane", "other"];
    await sweep();
    declared = ["other"];
    expect(await sweep()).toEqual([]);
  });
});
