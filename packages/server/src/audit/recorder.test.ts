import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { HotClient } from "../db/index.ts";
import { newId } from "../new-id.ts";
import { entryOf } from "./audit.fixture.ts";
import type { AuditEntry } from "./audit.types.ts";
import type { KeptEntry } from "./chain-writer.ts";
import { createEntryMaker } from "./entry.ts";
import { createRecorder, RECORDER_LIMITS, type RecorderLimits } from "./recorder.ts";
import { verifyChain } from "./verify.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

const connect = (): Promise<HotClient> => db.database.connectHot("test");
const maker = createEntryMaker({ newId, now: Date.now }, []);

function setup(
  connectTo: () => Promise<HotClient> = connect,
  limits: Partial<RecorderLimits> = {},
  monotonicMs: () => number = () => performance.now(),
) {
  const batches: (readonly KeptEntry[])[] = [];
  const errors: string[] = [];
  const recorder = createRecorder(
    {
      connect: connectTo,
      onKept: (entries) => batches.push(entries),
      onError: (_, what) => errors.push(what),
      monotonicMs,
    },
    { ...RECORDER_LIMITS, reconnectMs: 5, ...limits },
  );
  const keep = (more?: Partial<AuditEntry>) => recorder.keep(maker.make(entryOf(more)));
  const keepPatiently = (more?: Partial<AuditEntry>) =>
    recorder.keepPatiently(() => maker.make(entryOf(more)));
  return { recorder, keep, keepPatiently, batches, errors };
}

/** Loses the connection after PostgreSQL has done what it was asked, so often. */
function losing(times: number): () => Promise<HotClient> {
  let left = times;
  return async () => {
    const client = await connect();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]) => {
      const result = await query(...args);
      if (left-- <= 0) return result;
      throw Object.assign(new Error("Connection terminated unexpectedly"), { code: "ECONNRESET" });
    }) as typeof client.query;
    return client;
  };
}

const full = Object.assign(new Error("No space left on device"), { code: "53100" });
const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

async function countOf(node: string): Promise<number> {
  const { rows } = await db.database.pool.query(
    "SELECT count(*) AS n FROM audit_entries WHERE node = $1",
    [node],
  );
  return rows[0].n;
}

it("commits what came together at once, each entry durable when its promise resolves", async () => {
  const { keep, batches, recorder } = setup();
  await Promise.all(Array.from({ length: 500 }, () => keep({ subject: "group" })));
  expect(await countOf("group")).toBe(500);
  expect(batches.length).toBeLessThanOrEqual(3);
  const places = batches.flat().map(({ seq }) => seq);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  await recorder.close();
});

it("holds up nobody with what nobody waits for, and keeps that with those who come meanwhile", async () => {
  const { keep, keepPatiently, batches, recorder } = setup(connect, { patientMs: 60_000 });
  const patient = keepPatiently({ subject: "patient" });
  const first = keep({ subject: "first" });
  // The first is on its way then: both wait for one append to end.
  setImmediate(() => setImmediate(() => void keep({ subject: "second" })));
  await first;
  await patient;
  await recorder.close();
  const nodes = batches.map((batch) => batch.map(({ node }) => node));
  expect(nodes).toEqual([["first"], ["second", "patient"]]);
});

it("keeps what nobody waits for by itself in the end, and at once when it closes", async () => {
  const { keepPatiently, recorder } = setup(connect, { patientMs: 5 });
  await keepPatiently({ subject: "alone" });
  expect(await countOf("alone")).toBe(1);
  await recorder.close();
  const late = setup(connect, { patientMs: 60_000 });
  const kept = late.keepPatiently({ subject: "closing" });
  await late.recorder.close();
  await kept;
  expect(await countOf("closing")).toBe(1);
});

it("keeps an entry once, though its answer was lost again and again", async () => {
  const { keep, batches, errors, recorder } = setup(losing(3));
  await Promise.all([keep({ subject: "lost" }), keep({ subject: "lost" })]);
  await keep({ subject: "lost" });
  expect(await countOf("lost")).toBe(3);
  expect(batches.flat()).toHaveLength(3);
  expect(new Set(errors)).toEqual(new Set(["PostgreSQL is out of reach; the audit waits for it"]));
  expect(await verifyChain(db.database.pool, {})).toMatchObject({ ok: true });
  await recorder.close();
});

it("finds an append that commits only while it is sent again", async () => {
  // The first append is held at its commit, its connection is lost, and the second waits for the head behind it.
  const blocker = await db.database.pool.connect();
  await blocker.query("BEGIN");
  await blocker.query("SELECT FROM audit_marks WHERE name = 'head' FOR UPDATE");
  let first: Promise<unknown> | undefined;
  let appends = 0;
  const areHeld = (count: number): Promise<void> =>
    vi.waitFor(async () => {
      const { rowCount } = await db.database.pool.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      expect(rowCount).toBe(count);
    });
  const racing = async (): Promise<HotClient> => {
    const client = await connect();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]) => {
      const isAppend = (args[0] as { name?: string }).name === "audit_append_one";
      if (!isAppend || ++appends > 1) {
        if (isAppend) await areHeld(1);
        const asked = query(...args);
        // Both are in the line before the head is free: one that came just then could overtake the first.
        if (isAppend) void areHeld(2).then(() => blocker.query("COMMIT"));
        return await asked;
      }
      first = query(...args);
      throw Object.assign(new Error("lost"), { code: "ECONNRESET" });
    }) as typeof client.query;
    // Stays open, as a connection does of which only we know that it is gone.
    client.end = async () => undefined;
    return client;
  };
  const { keep, recorder } = setup(racing);
  await keep({ subject: "late" });
  await first;
  blocker.release();
  expect(await countOf("late")).toBe(1);
  expect(await verifyChain(db.database.pool, {})).toMatchObject({ ok: true });
  await recorder.close();
});

it("waits for PostgreSQL with what has happened, and refuses after a while what has not", async () => {
  let isAway = true;
  let nowMs = 0;
  const { keep, errors, recorder } = setup(
    async () => {
      if (isAway) throw away;
      return await connect();
    },
    { beginPatienceMs: 1_000 },
    () => nowMs,
  );
  const end = keep({ subject: "away", phase: "end" });
  const begin = keep({ subject: "away", phase: "begin" });
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  nowMs = 1_000;
  await expect(begin).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("Nothing is done that cannot be audited"),
  });
  isAway = false;
  await end;
  expect(await countOf("away")).toBe(1);
  await keep({ subject: "away", phase: "begin" });
  expect(errors).toHaveLength(1);
  await recorder.close();
});

it("waits as long again, and says so again, when PostgreSQL goes a second time", async () => {
  let isAway = false;
  let nowMs = 0;
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isAway) throw away;
    return await call();
  };
  const { keep, errors, recorder } = setup(
    async () => {
      const client = await reach(connect);
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      client.query = ((...args: unknown[]) => reach(() => query(...args))) as typeof client.query;
      return client;
    },
    { beginPatienceMs: 1_000 },
    () => nowMs,
  );
  for (const round of [1, 2]) {
    isAway = true;
    const begin = keep({ subject: "again", phase: "begin" });
    await vi.waitFor(() => expect(errors).toHaveLength(round));
    isAway = false;
    await begin;
    nowMs += 1_000;
  }
  expect(await countOf("again")).toBe(2);
  await recorder.close();
});

it("refuses at once what is not begun while PostgreSQL's disk is full", async () => {
  let isFull = true;
  const { keep, recorder } = setup(async () => {
    if (isFull) throw full;
    return await connect();
  });
  const end = keep({ subject: "full", phase: "end" });
  await expect(keep({ subject: "full", phase: "begin" })).rejects.toMatchObject({
    message: expect.stringContaining("disk is full"),
  });
  isFull = false;
  await end;
  await recorder.close();
});

it("rejects the one entry that PostgreSQL refuses, and keeps its neighbours", async () => {
  const { keep, recorder, batches } = setup();
  const poison = recorder.keep({ ...maker.make(entryOf()), actor: "\0" });
  const good = Array.from({ length: 9 }, () => keep({ subject: "good" }));
  const outcomes = await Promise.allSettled([poison, ...good]);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "rejected",
    ...good.map(() => "fulfilled"),
  ]);
  await recorder.close();
  expect(batches.flat()).toHaveLength(9);
});

it("refuses more than may wait, and what comes after its close", async () => {
  const never = (): Promise<HotClient> => new Promise(() => undefined);
  const { keep } = setup(never, { maxWaiting: 3 });
  for (let i = 0; i < 3; i++) void keep();
  await expect(keep()).rejects.toMatchObject({ code: "unavailable" });
  const other = setup();
  await other.recorder.close();
  await expect(other.keep()).rejects.toMatchObject({ message: /is stopping/ });
});

it("ends although PostgreSQL is away, and says what it did not keep", async () => {
  const { keep, recorder, errors } = setup(() => Promise.reject(away), { closeMs: 50 });
  const end = keep({ phase: "end" });
  const refused = expect(end).rejects.toMatchObject({ code: "unavailable" });
  await recorder.close();
  await refused;
  expect(errors.at(-1)).toBe("1 entries of the audit were not kept");
});

it("says that the head of the chain is gone, instead of keeping what no chain holds", async () => {
  const own = await createTestDatabase();
  await own.database.pool.query("DELETE FROM audit_marks WHERE name = 'head'");
  const { keep, recorder } = setup(() => own.database.connectHot("test"));
  await expect(keep()).rejects.toMatchObject({
    message: expect.stringContaining("head of the audit"),
  });
  await recorder.close();
  await own.drop();
});
