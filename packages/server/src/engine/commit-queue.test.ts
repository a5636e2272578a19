import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { createCommitQueue, type HotClient } from "./commit-queue.ts";
import type { RunOp } from "./run-op.types.ts";

const CREATE = {
  ref: "test.run",
  packDigest: null,
  input: "{}",
  createdAt: new Date(),
  createdBy: "test",
  eventId: null,
  rule: null,
  retryOf: null,
  traceparent: null,
  parent: null,
};

function birth(more: Partial<RunOp> = {}): RunOp {
  return {
    opId: randomUUID(),
    runId: randomUUID(),
    expected: 0,
    create: CREATE,
    keyed: false,
    canceling: false,
    pausedBy: null,
    instant: null,
    events: "[]",
    decisions: "[]",
    changes: '{"type":"run.created"}',
    at: new Date(),
    ended: [],
    firedTimers: [],
    dispatch: [],
    timers: [],
    stops: [],
    isChild: false,
    children: [],
    endedChildren: [],
    ...more,
  };
}

describe("the commit queue", () => {
  let db: TestDatabase;
  const sessionId = randomUUID();
  beforeAll(async () => {
    db = await createTestDatabase();
    await db.database.pool.query(
      `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at)
       VALUES ($1, 'test', 1, '', '{}', false, now() + interval '1 hour')`,
      [sessionId],
    );
  });
  afterAll(() => db?.drop());

  function queueOver(connect: () => Promise<HotClient>, session = sessionId) {
    return createCommitQueue({ connect, sessionId: () => session, onError: () => undefined });
  }
  const connect = (): Promise<HotClient> => db.database.connectHot("test");

  async function journaled(ops: readonly RunOp[]): Promise<number> {
    const ids = ops.map((op) => op.runId);
    const result = await db.database.pool.query(
      "SELECT run_id FROM journal WHERE run_id = ANY($1)",
      [ids],
    );
    return result.rows.length;
  }

  it("commits what arrived together in a few flushes, each unit durable when it is answered", async () => {
    const queue = queueOver(connect);
    const ops = Array.from({ length: 200 }, () => birth());
    const outcomes = await Promise.all(ops.map((op) => queue.submit({ ops: [op] })));
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    expect(await journaled(ops)).toBe(200);
    expect(queue.counters.flushes).toBeLessThanOrEqual(4);
    await queue.close();
  });

  it("tells a writer whose run has moved on, and not its neighbours", async () => {
    const queue = queueOver(connect);
    const op = birth();
    await queue.submit({ ops: [op] });
    const { create: _, ...moved } = op;
    const next = (): RunOp => ({ ...moved, opId: randomUUID(), expected: 1 });
    const outcomes = [await queue.submit({ ops: [next()] })];
    outcomes.push(
      ...(await Promise.all([queue.submit({ ops: [next()] }), queue.submit({ ops: [birth()] })])),
    );
    expect(outcomes).toEqual(["done", "conflict", "done"]);
    await queue.close();
  });

  it("rejects the one unit that PostgreSQL refuses, and commits its neighbours", async () => {
    const queue = queueOver(connect);
    const poison = birth({ create: { ...CREATE, ref: "with \0 in it" } });
    const good = Array.from({ length: 20 }, () => birth());
    const outcomes = await Promise.allSettled(
      [poison, ...good].map((op) => queue.submit({ ops: [op] })),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "rejected",
      ...good.map(() => "fulfilled"),
    ]);
    expect(await journaled(good)).toBe(20);
    await queue.close();
  });

  it("writes nothing for a session that was ended", async () => {
    const queue = queueOver(connect, randomUUID());
    const op = birth();
    expect(await queue.submit({ ops: [op] })).toBe("ended");
    expect(await journaled([op])).toBe(0);
    await queue.close();
  });

  it("sends a batch again after its answer was lost, and finds that it is durable", async () => {
    let losses = 0;
    const losing = async (): Promise<HotClient> => {
      const client = await db.database.connectHot("test");
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = (async (...args: unknown[]) => {
        const result = await query(...args);
        if (losses > 0) return result;
        losses++;
        throw Object.assign(new Error("Connection terminated unexpectedly"), {
          code: "ECONNRESET",
        });
      }) as typeof client.query;
      return client;
    };
    const queue = queueOver(losing);
    const op = birth();
    expect(await queue.submit({ ops: [op] })).toBe("done");
    expect(losses).toBe(1);
    expect(await journaled([op])).toBe(1);
    await queue.close();
  });

  it("refuses more than may wait, and says so", async () => {
    const never = (): Promise<HotClient> => new Promise(() => undefined);
    const limits = { maxUnits: 10, maxBytes: 1_000_000, maxWaiting: 5, reconnectMs: 10 };
    const queue = createCommitQueue(
      { connect: never, sessionId: () => sessionId, onError: () => undefined },
      limits,
    );
    for (let i = 0; i < 5; i++) void queue.submit({ ops: [birth()] });
    await expect(queue.submit({ ops: [birth()] })).rejects.toMatchObject({ code: "unavailable" });
  });
});
