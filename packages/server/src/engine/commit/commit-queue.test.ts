import { randomUUID } from "node:crypto";
import { AppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockedStatements } from "../../../test/conformance/tables.store.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import type { HotClient } from "../../db/index.ts";
import type { CommitPart } from "../engine.types.ts";
import { upsertQueues } from "../lanes/queues.store.ts";
import { lockLane } from "../worker/lane.store.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { writeBatch } from "./flush.ts";
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
    sessionId: "",
    create: CREATE,
    keyed: false,
    canceling: false,
    pausedBy: null,
    turnsPause: false,
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
    inquiries: [],
    settledInquiries: [],
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

  function queueOver(
    connect: () => Promise<HotClient>,
    session = sessionId,
    onError = (_error: unknown): void => undefined,
  ) {
    return createCommitQueue({
      connect,
      sessionId: () => session,
      hasNeighbours: () => false,
      onError,
    });
  }
  const connect = (): Promise<HotClient> => db.database.connectHot("test");

  /** A connection whose answers are held back, then given, or lost after they were durable. */
  function holding() {
    let count = 0;
    let onSent = (): void => undefined;
    let release: (loss?: Error) => void = () => undefined;
    const released = new Promise<Error | undefined>((resolve) => {
      release = resolve;
    });
    const open = async (): Promise<HotClient> => {
      const client = await connect();
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = (async (...args: unknown[]) => {
        count++;
        onSent();
        const result = await query(...args);
        const loss = await released;
        if (loss !== undefined && isFirst) throw loss;
        return result;
      }) as typeof client.query;
      const isFirst = connections++ === 0;
      return client;
    };
    let connections = 0;
    const sent = async (atLeast: number): Promise<number> => {
      while (count < atLeast)
        await new Promise<void>((resolve) => {
          onSent = resolve;
        });
      return count;
    };
    return { connect: open, sent, release };
  }

  async function journaled(ops: readonly RunOp[]): Promise<number> {
    const ids = ops.map((op) => op.runId);
    const result = await db.database.pool.query(
      "SELECT run_id FROM journal WHERE run_id = ANY($1)",
      [ids],
    );
    return result.rows.length;
  }

  it("rejects what PostgreSQL has not taken when it is given up, and closes", async () => {
    const queue = queueOver(() => Promise.reject(new Error("Connection terminated")));
    const left = [birth(), birth(), birth()].map((op) => queue.submit({ ops: [op] }));
    const fates = Promise.allSettled(left);
    await new Promise((next) => setImmediate(next));
    left.push(queue.submit({ ops: [birth()] }));
    const last = Promise.allSettled(left.slice(-1));
    queue.giveUp(new AppError("unavailable", "stopped"));
    for (const fate of [...(await fates), ...(await last)])
      expect(fate).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    await expect(queue.submit({ ops: [birth()] })).rejects.toMatchObject({ code: "unavailable" });
    await queue.close();
  });

  it("sends again what somebody broke off: it says nothing about the write", async () => {
    let isFirst = true;
    const queue = queueOver(async () => {
      const client = await connect();
      if (isFirst)
        client.query = (async () => {
          throw Object.assign(new Error("canceling statement"), { code: "57014" });
        }) as unknown as typeof client.query;
      isFirst = false;
      return client;
    });
    const op = birth();
    expect(await queue.submit({ ops: [op] })).toBe("done");
    expect(await journaled([op])).toBe(1);
    await queue.close();
  });

  it("lets no write that is broken off each time hold up those that came with it", async () => {
    const stuck = birth();
    const others = [birth(), birth(), birth()];
    const queue = queueOver(async () => {
      const client = await connect();
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      client.query = (async (...given: unknown[]) => {
        if (JSON.stringify(given).includes(stuck.runId))
          throw Object.assign(new Error("canceling statement"), { code: "57014" });
        return await query(...given);
      }) as unknown as typeof client.query;
      return client;
    });
    const refused = expect(queue.submit({ ops: [stuck] })).rejects.toThrow("canceling statement");
    const done = others.map((op) => queue.submit({ ops: [op] }));
    expect(await Promise.all(done)).toEqual(["done", "done", "done"]);
    expect(await journaled(others)).toBe(3);
    await refused;
    await queue.close();
  });

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
    const finish = { status: "success", output: null, outputs: null, error: null };
    const ops = [birth(), birth({ finish })];
    for (const op of ops) expect(await queue.submit({ ops: [op] })).toBe("ended");
    expect(await journaled(ops)).toBe(0);
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

  it("draws places before keys under the locks of their lanes, which it takes by name", async () => {
    const { pool, withTransaction } = db.database;
    const limits = { concurrency: null, keyConcurrency: null, fifo: true, rate: null };
    await upsertQueues(
      pool,
      ["lane-a", "lane-b"].map((name) => ({ name, ...limits })),
    );
    const errors: unknown[] = [];
    const queue = queueOver(connect, sessionId, (error) => errors.push(error));
    const enters = (lane: string): RunOp => {
      const place = { slot: "a", number: 1, state: "ready", runner: "core", ref: "r" } as const;
      const row = { ...place, input: "{}", queue: lane, key: "k", priority: 5, delayMs: 0 };
      return birth({ keyed: true, dispatch: [row] });
    };
    const { outcome } = await withTransaction(async (client) => {
      await lockLane(client, "lane-a");
      let isOver = false;
      const written = queue.submit({ ops: [enters("lane-b"), enters("lane-a")] }).finally(() => {
        isOver = true;
      });
      while (!isOver && (await blockedStatements(pool)) === 0);
      // What was committed by now would stand before the one that the holder of the lock is about to commit.
      expect(isOver).toBe(false);
      // In another order each would wait for the other, and PostgreSQL would break one off.
      await lockLane(client, "lane-b");
      return { outcome: written };
    });
    expect(await outcome).toBe("done");
    expect(errors).toEqual([]);
    await queue.close();
  });

  it("sends a crowd behind a flush that is under way, and a few only when it has ended", async () => {
    const { connect, sent, release } = holding();
    const queue = queueOver(connect);
    const first = queue.submit({ ops: [birth()] });
    await sent(1);
    const few = Array.from({ length: 4 }, () => queue.submit({ ops: [birth()] }));
    await roundOfIo();
    expect(await sent(1)).toBe(1);
    const more = Array.from({ length: 16 }, () => queue.submit({ ops: [birth()] }));
    expect(await sent(2)).toBe(2);
    release();
    expect(new Set(await Promise.all([first, ...few, ...more]))).toEqual(new Set(["done"]));
    await queue.close();
  });

  it("lets nothing come between the statements of a transaction", async () => {
    const { connect, sent, release } = holding();
    const queue = queueOver(connect);
    const kind: CommitPart<unknown> = {
      name: "agrees",
      apply: async (_client, rows) => rows.map(() => "ok"),
    };
    const parted = queue.submit({ part: { kind, row: {} }, ops: [birth()] });
    // BEGIN travels with the advance.
    await sent(2);
    const crowd = Array.from({ length: 20 }, () => queue.submit({ ops: [birth()] }));
    await roundOfIo();
    expect(await sent(2)).toBe(2);
    release();
    expect(new Set(await Promise.all([parted, ...crowd]))).toEqual(new Set(["done"]));
    await queue.close();
  });

  it("applies what is last behind all other parts, and the second part of a unit only where its first agrees", async () => {
    const applied: unknown[] = [];
    const kindOf = (name: string, isLast = false): CommitPart<unknown> => ({
      ...{ name, isLast },
      apply: async (_client, rows) => {
        applied.push([name, rows]);
        return rows.map((row) => (row === "bad" ? { refused: "bad" } : "ok"));
      },
    });
    const [plain, last] = [kindOf("plain"), kindOf("last", true)];
    const batch = [
      { part: { kind: last, row: 1 } },
      { part: { kind: plain, row: "bad" }, also: { kind: last, row: 2 } },
      { part: { kind: plain, row: 3 }, also: { kind: last, row: 4 } },
    ].map((unit) => ({ unit: { ...unit, ops: [] }, again: false }));
    const client = await db.database.connectHot("test");
    const outcomes = await writeBatch(client, sessionId, batch);
    expect(outcomes).toEqual(["done", { refused: "bad" }, "done"]);
    await client.end();
    expect(applied).toEqual([
      ["plain", ["bad", 3]],
      ["last", [1, 4]],
    ]);
  });

  it("sends both flushes again when their connection is lost, and writes each once", async () => {
    const { connect, sent, release } = holding();
    const queue = queueOver(connect);
    const ops = Array.from({ length: 21 }, () => birth());
    const outcomes = [queue.submit({ ops: ops.slice(0, 1) })];
    await sent(1);
    outcomes.push(...ops.slice(1).map((op) => queue.submit({ ops: [op] })));
    await sent(2);
    release(Object.assign(new Error("Connection terminated"), { code: "ECONNRESET" }));
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["done"]));
    expect(await journaled(ops)).toBe(21);
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
    // Connections can be made again; nothing shows yet that there is room to write.
    await expect(queue.reach()).rejects.toMatchObject({ code: "53100" });
    // The run of the setup has moved on since: what waited was decided on its first version.
    expect(await next).toBe("done");
    expect(await queue.submit({ ops: [birth()] })).toBe("done");
    await queue.reach();
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

/** Two turns of the event loop: what was to be sent with the first has been. */
async function roundOfIo(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}
