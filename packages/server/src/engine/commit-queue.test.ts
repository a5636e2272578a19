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
    return createCommitQueue({
      connect,
      sessionId: () => session,
      hasNeighbours: () => false,
      onError: () => undefined,
    });
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

  it("counts what it made durable, and nothing that was not", async () => {
    const told: number[] = [];
    const queue = createCommitQueue({
      connect,
      sessionId: () => sessionId,
      hasNeighbours: () => false,
      onError: () => undefined,
      onFlush: (units, tookMs) => told.push(tookMs > 0 ? units : Number.NaN),
    });
    const finish = { status: "failed", output: null, outputs: null, error: null };
    const ended = { slot: "a", number: 1, status: "lost", place: "instant", worker: null } as const;
    const born = birth({ finish });
    const { create: _, ...later } = birth({ ended: [ended] });
    await queue.submit({ ops: [born] });
    await queue.submit({ ops: [birth({ ended: [ended] })] });
    // The version that it was decided on is not there: a conflict.
    expect(await queue.submit({ ops: [{ ...later, expected: 7 }] })).toBe("conflict");
    expect(queue.counters).toEqual({
      flushes: 3,
      units: 3,
      runsStarted: 2,
      runsFinished: { success: 0, failed: 1, timed_out: 0, canceled: 0 },
      attemptsLost: 1,
    });
    expect(told).toEqual([1, 1, 1]);
    await queue.close();
  });

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

  it("refuses what is new while PostgreSQL's disk is full, and writes what runs when there is room", async () => {
    let isFull = true;
    const full = async (): Promise<HotClient> => {
      if (!isFull) return connect();
      throw Object.assign(new Error("could not extend file: No space left on device"), {
        code: "53100",
      });
    };
    const op = birth();
    const setup = queueOver(connect);
    await setup.submit({ ops: [op] });
    await setup.close();
    const { create: _, ...moved } = op;
    const queue = queueOver(full);
    const next = queue.submit({ ops: [{ ...moved, opId: randomUUID(), expected: 1 }] });
    const beside = queue.submit({ ops: [birth()] });
    await expect(beside).rejects.toMatchObject({ code: "unavailable", message: /disk is full/ });
    await expect(queue.submit({ ops: [birth()] })).rejects.toMatchObject({ code: "unavailable" });
    isFull = false;
    // The run of the setup has moved on since: what waited was decided on its first version.
    expect(await next).toBe("done");
    expect(await queue.submit({ ops: [birth()] })).toBe("done");
    await queue.close();
  });

  it("refuses more than may wait, and says so", async () => {
    const never = (): Promise<HotClient> => new Promise(() => undefined);
    const limits = { maxUnits: 10, maxBytes: 1_000_000, maxWaiting: 5, reconnectMs: 10 };
    const queue = createCommitQueue(
      {
        connect: never,
        sessionId: () => sessionId,
        hasNeighbours: () => false,
        onError: () => undefined,
      },
      limits,
    );
    for (let i = 0; i < 5; i++) void queue.submit({ ops: [birth()] });
    await expect(queue.submit({ ops: [birth()] })).rejects.toMatchObject({ code: "unavailable" });
  });
});
