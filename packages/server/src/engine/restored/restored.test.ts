import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { insertChanges } from "../feed/feed.store.ts";
import { createFeed } from "../feed/feed.ts";
import { insertSession } from "../sessions/sessions.store.ts";
import { insertLogSegments, selectLogs } from "../worker/logs.store.ts";
import { settleRestored } from "./restored.ts";

/** Of a cluster that has given many more transaction numbers than this one ever will in a test. */
const FAR = 2_000_000_000;
const RUN = randomUUID();
/** Has written more than this cluster has given numbers. */
const LOUD = randomUUID();

let db: TestDatabase;
let session: string;
/** A cursor of the feed as it was in the place that the dump was made in. */
let before: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const { pool } = db.database;
  await settleRestored(db.database);
  before = (await createFeed(pool).head()).replace(/\.\d+\.\d+\.\d+$/, `.${FAR}.1.0`);
  session = await asIfDumpedElsewhere();
});
afterAll(() => db?.drop());

async function asIfDumpedElsewhere(): Promise<string> {
  const { database } = db;
  const { pool } = database;
  const id = randomUUID();
  const identity = { id, host: "here", pid: 1, processStart: "x", roles: ["worker"], owner: false };
  await database.withTransaction((client) => insertSession(client, identity));
  await pool.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at, ended_at, end_reason, swept)
     SELECT gen_random_uuid(), 'here', nth, 'x', ARRAY[role], false, now(), ended_at, reason, swept
     FROM (VALUES (2, 'node', NULL::timestamptz, NULL, false), (3, 'worker', 'epoch', 'stopped', false),
                  (4, 'worker', 'epoch', 'stopped', true)) row(nth, role, ended_at, reason, swept)`,
  );
  for (const name of ["one", "two"])
    await database.withTransaction((client) =>
      insertChanges(client, [{ type: "run.created", id: name }]),
    );
  await pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by)
     SELECT id, 1, 'core.noop', '{}', now(), 'test' FROM unnest($1::uuid[]) id`,
    [[RUN, LOUD]],
  );
  for (const slot of ["z", "a", "z"]) await insertLogSegments(pool, [segment(slot)]);
  await pool.query(
    `INSERT INTO log_segments (run_id, slot, number, seq, stream, at, text, xid)
     SELECT $1, 'a', 1, n, 'stdout', now(), 'x', n::text::xid8
     FROM generate_series(1, pg_snapshot_xmin(pg_current_snapshot())::text::int + 1000) n`,
    [LOUD],
  );
  await pool.query("UPDATE changes SET xid = (xid::text::bigint + $1)::text::xid8", [FAR]);
  await pool.query("UPDATE log_segments SET xid = (xid::text::bigint + $1)::text::xid8", [FAR]);
  await pool.query("UPDATE installation SET place = 'elsewhere'");
  return id;
}

let segments = 0;
function segment(slot: string) {
  const seq = segments++;
  const [at, stream, text] = [new Date(), "stdout", `${slot}${seq}`];
  return { runId: RUN, slot, number: 1, seq, stream, at, text };
}

it("makes the feed of a dump that was restored whole again, in a place that it was not in before", async () => {
  const { database } = db;
  const feed = createFeed(database.pool);
  expect((await feed.read(before, 10)).items).toEqual([]);
  expect(await selectLogs(database.pool, RUN, { raw: false, limit: 10 })).toEqual([]);

  expect(await settleRestored(database)).toBe(true);

  await database.withTransaction((client) =>
    insertChanges(client, [{ type: "run.created", id: "three" }]),
  );
  const anew = createFeed(database.pool);
  expect(await anew.read(before, 10)).toEqual({ gap: true, items: [] });
  const epoch = (await anew.head()).slice(0, 36);
  const ids = async () =>
    (await anew.read(`${epoch}.0.0.0`, 10)).items.map(({ change }) => change.id);
  // The horizon is the whole cluster's: another test's transaction may hold the new one back for a moment.
  await expect.poll(ids).toEqual(["one", "two", "three"]);
  const logs = await selectLogs(database.pool, RUN, { raw: false, limit: 10 });
  expect(logs.map(({ text }) => text)).toEqual(["z0", "a1", "z2"]);

  const { rows: hidden } = await database.pool.query(
    "SELECT FROM log_segments WHERE run_id = $1 AND xid >= pg_snapshot_xmin(pg_current_snapshot())",
    [LOUD],
  );
  expect(hidden).toEqual([]);

  const { rows } = await database.pool.query("SELECT host, ended_at FROM sessions WHERE id = $1", [
    session,
  ]);
  // Its processes may belong to an installation that goes on beside this one: none of this host's are killed for it.
  expect(rows).toEqual([
    { host: expect.not.stringMatching(/^here$/), ended_at: expect.anything() },
  ]);
});

it("leaves the sessions of nodes to go on, and those that had ended with when and why they did", async () => {
  const { rows } = await db.database.pool.query(
    `SELECT roles[1] AS role, host, ended_at = 'epoch' AS kept, end_reason AS reason FROM sessions
     WHERE id <> $1 ORDER BY pid`,
    [session],
  );
  const ended = { role: "worker", kept: true, reason: "stopped" };
  expect(rows).toEqual([
    { role: "node", host: "here", kept: null, reason: null },
    { ...ended, host: expect.not.stringMatching(/^here$/) },
    { ...ended, host: "here" },
  ]);
});

it("leaves a database alone that is where it was", async () => {
  const epoch = async () => (await createFeed(db.database.pool).head()).slice(0, 36);
  const is = await epoch();
  expect(await settleRestored(db.database)).toBe(false);
  expect(await epoch()).toBe(is);
});
