import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blockedStatements } from "../../../test/conformance/tables.store.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { turnPauses } from "../commit/flush.store.ts";
import { createLanes } from "../lanes/lanes.ts";
import { upsertQueues } from "../lanes/queues.store.ts";
import { waitingTargets } from "../node-work/node-sessions.store.ts";
import { createAdmission } from "./admission.ts";
import { type Claimer, claimReady } from "./claim.store.ts";
import { createClaimStore } from "./claims.ts";
import { claimFront, claimKeys, nextKeys } from "./keyed-lane.store.ts";
import { claimLane } from "./lane.store.ts";

const SESSION = "00000000-0000-7000-8000-0000000000a1";
/** A claim sees 20 keys of this store's lanes, or 10 rows. */
const SIGHT = { rows: 10, keys: 10, pages: 2 };
const LANE = { name: "lane", concurrency: null, keyConcurrency: null, fifo: false, rate: null };

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.database.pool.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at)
     VALUES ($1, 'h', 1, '1', '{worker}', false, now() + interval '1 hour')`,
    [SESSION],
  );
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.pool.query("TRUNCATE runs, dispatch, leases, queues, queue_keys, queue_starts");
});

const runId = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

interface Waiting {
  readonly key?: string;
  readonly runner?: string;
  readonly priority?: number;
}

/** Runs from a number on that each have an attempt in the lane; where it is FIFO they also stand in its lines. */
async function wait(from: number, all: readonly Waiting[]): Promise<void> {
  const { pool } = db.database;
  const ids = all.map((_, i) => runId(from + i));
  const keys = all.map(({ key }) => key ?? null);
  await pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by)
     SELECT id, 1, 'core.echo', '{}', now(), 'test' FROM unnest($1::uuid[]) id`,
    [ids],
  );
  await pool.query(
    `INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, queue, key, priority)
     SELECT id, 'a', 1, 'ready', runner, 'core.echo', '{}', 'lane', key, priority
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) row(id, runner, key, priority)`,
    [ids, all.map(({ runner = "core" }) => runner), keys, all.map(({ priority = 5 }) => priority)],
  );
  await pool.query(
    `INSERT INTO queue_keys (queue, key, run_id)
     SELECT 'lane', key, id FROM unnest($1::text[], $2::uuid[]) row(key, id) WHERE key IS NOT NULL`,
    [keys, ids],
  );
}

/** Attempts of the lane that run already. */
async function run(keys: readonly (string | null)[]): Promise<void> {
  await db.database.pool.query(
    `INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue, key)
     SELECT gen_random_uuid(), 'a', 1, $1, now(), 'lane', key FROM unnest($2::text[]) key`,
    [SESSION, keys],
  );
}

async function free(key: string): Promise<void> {
  await db.database.pool.query("DELETE FROM leases WHERE key = $1", [key]);
  await db.database.pool.query(
    "DELETE FROM queue_keys WHERE key = $1 AND run_id NOT IN (SELECT run_id FROM dispatch)",
    [key],
  );
}

/** Runs that stand first in the lines, and have nothing ready in the lane. */
async function lead(keys: readonly string[]): Promise<void> {
  await db.database.pool.query(
    "INSERT INTO queue_keys (queue, key, run_id) SELECT 'lane', key, gen_random_uuid() FROM unnest($1::text[]) key",
    [keys],
  );
}

const nameOf = (n: number): string => `k${String(n).padStart(3, "0")}`;
const BLOCKED = Array.from({ length: 50 }, (_, i) => nameOf(i));

function claims() {
  const { admit } = createClaimStore(db.database, SIGHT);
  return async (limit = 5, runner = "core"): Promise<string[]> => {
    const claimer = { sessionId: SESSION, claimId: randomUUID() };
    return (await admit(claimer, "lane", runner, limit)).rows.map((row) => row.runId);
  };
}

describe("a lane whose front is blocked", () => {
  it.each([
    ["busy keys", { keyConcurrency: 1 }, () => run(BLOCKED)],
    ["held keys", { fifo: true }, () => lead(BLOCKED)],
  ])(
    "by %s serves the keys behind them, and those that are free again",
    async (_, limits, block) => {
      await upsertQueues(db.database.pool, [{ ...LANE, ...limits }]);
      await block();
      await wait(
        1,
        [...BLOCKED, "z-free"].map((key) => ({ key })),
      );
      await wait(80, [{}]);
      // A run that leads one key leads no other.
      await db.database.pool.query(
        "INSERT INTO dispatch SELECT run_id, 'b', 1, state, runner, ref, input, queue, $2 FROM dispatch WHERE run_id = $1",
        [runId(51), nameOf(0)],
      );
      const claim = claims();
      // What has no key waits behind none.
      expect(await claim()).toEqual([runId(80)]);
      // It goes on where the last look left off: 20 keys in each.
      expect([await claim(), await claim()]).toEqual([[], [runId(51)]]);
      await free(nameOf(45));
      expect([await claim(), await claim(), await claim()].flat()).toEqual([runId(46)]);
    },
  );

  it("takes the better and the older first, of all that one look takes in", async () => {
    await upsertQueues(db.database.pool, [{ ...LANE, keyConcurrency: 1 }]);
    await run(BLOCKED.slice(0, 10));
    await wait(
      1,
      [...BLOCKED.slice(0, 10), "d", "b", "c"].map((key) => ({ key, priority: 3 })),
    );
    await wait(50, [{ key: "a" }, { key: "e", priority: 4 }]);
    const claim = claims();
    expect(await claim(2)).toEqual([runId(11), runId(12)]);
    expect(await claim(1)).toEqual([runId(13)]);
    expect(await claim(1)).toEqual([runId(51)]);
    expect(await claim(1)).toEqual([runId(50)]);
  });
});

it.each([
  ["without keys", {}],
  ["that limits keys", { keyConcurrency: 1 }],
  ["in order", { fifo: true }],
])(
  "a lane %s gives nothing to a session that has ended, and nothing of a paused run",
  async (_, limits) => {
    const { pool } = db.database;
    await upsertQueues(pool, [{ ...LANE, ...limits }]);
    await run(BLOCKED);
    await lead(BLOCKED);
    // The first stand in the front, the last behind it.
    await wait(1, [{ key: "first" }, ...BLOCKED.map((key) => ({ key })), { key: "last" }, {}]);
    const all = [runId(1), runId(52), runId(53)];
    const claim = claims();
    const any = async () =>
      (await claim(60)).concat(await claim(60)).filter((id) => all.includes(id));
    await pool.query("UPDATE sessions SET ended_at = now()");
    expect(await any()).toEqual([]);
    await pool.query("UPDATE sessions SET ended_at = NULL");
    await pool.query("UPDATE runs SET paused_by = 'test' WHERE id = ANY ($1)", [all]);
    expect(await any()).toEqual([]);
    await pool.query("UPDATE runs SET paused_by = NULL");
    expect((await any()).sort()).toEqual(all);
  },
);

it("what waits of paused runs stands in nobody's way, holds its place in its line, and is there again with them", async () => {
  const { pool } = db.database;
  await upsertQueues(pool, [{ ...LANE, fifo: true }]);
  await wait(
    1,
    [...BLOCKED, "z"].map((key) => ({ key })),
  );
  await wait(80, [{ key: nameOf(0) }]);
  const paused = BLOCKED.map((_, i) => runId(i + 1));
  const turn = async (by: string | null): Promise<void> => {
    await pool.query("UPDATE runs SET paused_by = $1 WHERE id = ANY ($2)", [by, paused]);
    await db.database.withTransaction((client) => turnPauses(client, paused));
  };
  await turn("test");
  const claim = claims();
  // The first look has room for 10 rows and 10 keys, of which 50 are held.
  expect(await claim()).toEqual([runId(51)]);
  expect(await claim()).toEqual([]);
  const counted = async () => (await createLanes(pool).lanes()).map(({ ready }) => ready);
  expect(await counted()).toEqual([51]);
  await turn(null);
  expect(await counted()).toEqual([51]);
  expect(await claim(1)).toEqual([runId(1)]);
});

it("a lane says that it is shut when it is full or paused, and is then waited for by nobody", async () => {
  const { pool } = db.database;
  const store = createClaimStore(db.database);
  const admit = async (runner: string, limit: number) => {
    const claimer = { sessionId: SESSION, claimId: randomUUID() };
    const { rows, isShut } = await store.admit(claimer, "lane", runner, limit);
    return { count: rows.length, isShut };
  };
  const waiting = async () => ({
    lanes: (await store.waitingLanes()).map(({ kinds }) => kinds),
    targets: (await waitingTargets(pool)).map(({ runner, inMs }) => ({ runner, held: inMs > 0 })),
  });
  const nodes = { runner: "node:{}", held: false };
  await upsertQueues(pool, [{ ...LANE, concurrency: 3 }]);
  await wait(1, [
    {},
    {},
    { runner: "process" },
    { runner: nodes.runner },
    { runner: nodes.runner },
  ]);
  expect(await waiting()).toEqual({ lanes: [["core", "process"]], targets: [nodes] });
  expect(await admit("core", 5)).toEqual({ count: 2, isShut: false });
  expect(await waiting()).toEqual({ lanes: [["process"]], targets: [nodes] });
  expect(await admit(nodes.runner, 1)).toEqual({ count: 1, isShut: true });
  expect(await waiting()).toEqual({ lanes: [], targets: [] });
  expect(await admit("process", 1)).toEqual({ count: 0, isShut: true });
  await upsertQueues(pool, [{ ...LANE, rate: { starts: 1, perMs: 3_600_000 } }]);
  expect(await admit(nodes.runner, 5)).toEqual({ count: 1, isShut: true });
  await wait(10, [{ runner: nodes.runner }]);
  expect((await waiting()).targets).toEqual([{ ...nodes, held: true }]);
  await upsertQueues(pool, [LANE]);
  await pool.query("UPDATE queues SET paused_by = 'test'");
  expect(await waiting()).toEqual({ lanes: [], targets: [] });
  expect(await admit("process", 1)).toEqual({ count: 0, isShut: true });
});

it.each([
  ["that is full with one", { concurrency: 1 }],
  ["that serves one of a key", { keyConcurrency: 1 }],
  ["that starts one an hour", { rate: { starts: 1, perMs: 3_600_000 } }],
])(
  "a lane %s admits for one after the other, who counts what the other was given",
  async (_, limits) => {
    const { pool, withTransaction } = db.database;
    await upsertQueues(pool, [{ ...LANE, ...limits }]);
    await wait(1, [{ key: "k" }, { key: "k" }]);
    const [claimer, other] = [0, 1].map(() => ({ sessionId: SESSION, claimId: randomUUID() }));
    const second = await withTransaction(async (client) => {
      const held = createAdmission({
        withTransaction: async (work) => await work(client as never),
      });
      const { rows } = await held.admit(claimer as Claimer, "lane", "core", 1);
      expect(rows).toMatchObject([{ runId: runId(1) }]);
      let isOver = false;
      const admitted = createAdmission(db.database)
        .admit(other as Claimer, "lane", "core", 1)
        .finally(() => {
          isOver = true;
        });
      while (!isOver && (await blockedStatements(pool)) === 0);
      return { admitted };
    });
    expect((await second.admitted).rows).toEqual([]);
  },
);

it("a lane whose rate was lowered waits for as many starts as it has to forget", async () => {
  const { pool } = db.database;
  await upsertQueues(pool, [{ ...LANE, rate: { starts: 2, perMs: 3_600_000 } }]);
  // Another lane, which counts its starts for longer, has some of the same time and before.
  await pool.query(
    `INSERT INTO queue_starts (queue, at, starts)
     SELECT name, now() - n * interval '10 minutes', 1 FROM generate_series(1, 7) n, unnest(ARRAY['lane', 'other']) name`,
  );
  await wait(1, [{}]);
  const claimer = { sessionId: SESSION, claimId: randomUUID() };
  const { rows, inMs } = await createClaimStore(db.database).admit(claimer, "lane", "core", 1);
  expect(rows).toEqual([]);
  // Then only the start of 10 minutes ago still counts.
  expect((inMs as number) / 60_000).toBeCloseTo(40, 0);
  const kept = await pool.query(
    "SELECT queue, count(*)::int FROM queue_starts GROUP BY 1 ORDER BY 1",
  );
  expect(kept.rows).toEqual([
    { queue: "lane", count: 5 },
    { queue: "other", count: 7 },
  ]);
});

it("what is next in a lane is the best and oldest of all that waits, whatever it takes to carry it out", async () => {
  const { pool } = db.database;
  await upsertQueues(pool, [LANE]);
  await wait(1, [{ priority: 6 }, { runner: "process", priority: 4 }, { runner: "node:{}" }, {}]);
  const lane = await createLanes(pool).lane("lane", 3);
  expect(lane).toMatchObject({ ready: 4, next: { run_id: runId(2) } });
  expect(lane?.waiting.map((one) => one.run_id)).toEqual([runId(2), runId(3), runId(4)]);
});

it("no claim goes through a whole table, though it was planned while nothing waited", async () => {
  const { pool } = db.database;
  const texts: string[] = [];
  const recorder = {
    async query({ text }: { readonly text: string }) {
      texts.push(text);
      return { rows: [] };
    },
  } as never;
  const claimer = { sessionId: SESSION, claimId: randomUUID() };
  const claim = { claimer, queue: "lane", runner: "core", limit: 1, limits: LANE };
  await claimReady(recorder, claimer, "core", 1);
  await claimLane(recorder, claimer, "lane", "core", 1);
  await claimFront(recorder, claim, 1);
  await nextKeys(recorder, claim, undefined, 1);
  await nextKeys(recorder, claim, "a", 1);
  await claimKeys(recorder, claim, []);
  await claimKeys(recorder, { ...claim, limits: { ...LANE, fifo: true } }, []);
  await pool.query("VACUUM (ANALYZE) runs, dispatch, leases, queue_keys");
  for (const text of texts) {
    const { rows } = await pool.query(`EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).not.toMatch(/Seq Scan|Join Filter/);
    expect(plan).not.toMatch(
      / using \S+ on (dispatch|runs|leases|queue_keys)\b.*\n(?! *Index Cond)/,
    );
  }
});

it("a claim passes by what another has locked, and waits for nobody", async () => {
  const { pool, withTransaction } = db.database;
  await wait(1, [{}, {}]);
  await pool.query("UPDATE dispatch SET queue = ''");
  const claim = async (client: typeof pool): Promise<string[]> => {
    const claimer = { sessionId: SESSION, claimId: randomUUID() };
    return (await claimReady(client, claimer, "core", 1)).map((row) => row.runId);
  };
  await withTransaction(async (client) => {
    expect(await claim(client as never)).toEqual([runId(1)]);
    expect(await claim(pool)).toEqual([runId(2)]);
    expect(await claim(pool)).toEqual([]);
  });
});

it.each([
  ["without keys", {}],
  ["with keys", { keyConcurrency: 1 }],
])(
  "a claim of a lane %s passes by what a cancel has locked, so that nobody waits for its lane",
  async (_, limits) => {
    const { pool, withTransaction } = db.database;
    await upsertQueues(pool, [{ ...LANE, ...limits }]);
    await wait(1, [{ key: "a" }, { key: "b" }]);
    await withTransaction(async (client) => {
      await client.query("UPDATE dispatch SET ref = ref WHERE run_id = $1", [runId(1)]);
      expect(await claims()()).toEqual([runId(2)]);
    });
  },
);
