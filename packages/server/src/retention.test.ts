import { randomUUID } from "node:crypto";
import { firstUuidAt } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/test-database.ts";
import { entryOf, startAudit } from "./audit/audit.fixture.ts";
import { createRetention, sweepEveryMs } from "./retention.ts";
import type { Settings } from "./settings/index.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const DAY_MS = 86_400_000;
const NEVER: Settings["keep"] = {
  ...{ logsMs: undefined, deliveriesMs: undefined, runsMs: undefined },
  ...{ eventsMs: undefined, nodesMs: undefined, auditMs: undefined },
};

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

const daysAgo = (days: number): Date => new Date(NOW - days * DAY_MS);
/** An id of that time that no other row has. */
const idAt = (days: number): string =>
  firstUuidAt(daysAgo(days).getTime()).slice(0, 19) + randomUUID().slice(19);

async function ended(startedDays: number, endedDays: number): Promise<string> {
  const id = idAt(startedDays);
  const { pool } = db.database;
  await pool.query(
    `INSERT INTO run_history (id, version, ref, input, created_at, created_by, status, finished_at)
     VALUES ($1, 1, 'test.run', '{}', $2, 'test', 'success', $3)`,
    [id, daysAgo(startedDays), daysAgo(endedDays)],
  );
  await pool.query(
    `INSERT INTO journal (run_id, version, op_id, events, decisions) VALUES ($1, 1, $1, '[]', '[]')`,
    [id],
  );
  await pool.query(
    `INSERT INTO log_segments (run_id, slot, number, seq, stream, at, text) VALUES ($1, 'a', 1, 1, 'stdout', $2, 'x')`,
    [id, daysAgo(endedDays)],
  );
  return id;
}

/** One revoked long ago, one of late, and one that lives and had two tokens. */
async function nodes() {
  const { pool } = db.database;
  const add = async (name: string, revokedDays: number | null): Promise<string> => {
    const id = idAt(400);
    const revokedAt = revokedDays === null ? null : daysAgo(revokedDays);
    await pool.query(
      `INSERT INTO nodes (id, name, paired_for, e2e, labels, can_exec, can_read, can_write, can_jobs, base_chunks,
         base_env, base_stdin_guard, created_by, revoked_at, revoked_by)
       VALUES ($1, $2, 'base', 'off', '{}', true, true, true, true, 'on', 'forward', false, 'test', $3,
         CASE WHEN $3::timestamptz IS NULL THEN NULL ELSE 'test' END)`,
      [id, name, revokedAt],
    );
    return id;
  };
  const token = async (
    nodeId: string,
    role: string,
    retiredDays: number | null,
  ): Promise<string> => {
    const id = idAt(400);
    await pool.query(
      `INSERT INTO node_tokens (id, node_id, role, hash, created_by, retired_at)
       VALUES ($1, $2, $3, sha256($1::uuid::text::bytea), 'test', $4)`,
      [id, nodeId, role, retiredDays === null ? null : daysAgo(retiredDays)],
    );
    return id;
  };
  const gone = await add("gone", 366);
  await token(gone, "current", null);
  const young = await add("young", 2);
  const alive = await add("alive", null);
  const aliveToken = await token(alive, "current", null);
  await token(alive, "retired", 366);
  for (const days of [0, 2])
    await pool.query(
      `INSERT INTO node_call_keys (token_id, key, request_hash, call_id, created_at)
       VALUES ($1, $2, '', $1, $3)`,
      [alive, `key ${days}`, daysAgo(days)],
    );
  for (const days of [0, 2])
    await pool.query(
      `INSERT INTO kept_answers (token_id, key, request_hash, claim_id, created_at)
       VALUES ($1, $2, '', $1, $3)`,
      [alive, `key ${days}`, daysAgo(days)],
    );
  return { young, alive, aliveToken };
}

async function ids(table: string, column: string): Promise<string[]> {
  const { rows } = await db.database.pool.query(`SELECT ${column} AS id FROM ${table} ORDER BY 1`);
  return rows.map((row: { id: string }) => row.id);
}

/** One round, which keeps for ever what is not named; what it says that it deleted. */
async function sweep(keep: Partial<Settings["keep"]>): Promise<string[]> {
  const told: string[] = [];
  const retention = createRetention(
    {
      pool: db.database.pool,
      now: () => NOW,
      onDeleted: (what, rows) => told.push(`${what} ${rows}`),
      onError: (error) => {
        throw error;
      },
    },
    { ...NEVER, ...keep },
  );
  await retention.runOnce();
  await retention.close();
  return told;
}

/** Deliveries with what would make duplicates of them, of 8 days and of 6. */
async function deliveries(): Promise<{ readonly young: string }> {
  const { pool } = db.database;
  const add = async (days: number): Promise<string> => {
    const id = idAt(days);
    await pool.query(
      `INSERT INTO deliveries (id, channel, source, received_at, headers, body_sha256, body_bytes, verified_by)
       VALUES ($1, 'webhook', 's', $2, '{}', '', 0, 'test')`,
      [id, daysAgo(days)],
    );
    await pool.query(
      "INSERT INTO delivery_keys (key, delivery_id, seen_at) VALUES (sha256($1::uuid::text::bytea), $1, $2)",
      [id, daysAgo(days)],
    );
    return id;
  };
  await add(8);
  return { young: await add(6) };
}

it("deletes deliveries and their keys in as many batches as it takes, and none where they are kept for ever", async () => {
  const { young } = await deliveries();
  const { pool } = db.database;
  // More than one batch.
  await pool.query(
    `INSERT INTO delivery_keys (key, delivery_id, seen_at)
     SELECT sha256(n::text::bytea), $1, $2 FROM generate_series(1, 2500) n`,
    [young, daysAgo(9)],
  );
  expect(await sweep({})).toEqual([]);
  expect(await sweep({ deliveriesMs: 7 * DAY_MS })).toEqual(["deliveries 1", "delivery keys 2501"]);
  expect(await ids("deliveries", "id")).toEqual([young]);
  expect(await ids("delivery_keys", "delivery_id")).toEqual([young]);
});

it("knows what is delivered again for a day, however shortly deliveries are kept", async () => {
  const { pool } = db.database;
  await pool.query("TRUNCATE deliveries, delivery_keys");
  for (const [n, hours] of [23, 25].entries())
    await pool.query(
      "INSERT INTO delivery_keys (key, delivery_id, seen_at) VALUES (sha256($1::text::bytea), $2, $3)",
      [n, idAt(2), new Date(NOW - hours * 3_600_000)],
    );
  expect(await sweep({ deliveriesMs: 60_000 })).toEqual(["delivery keys 1"]);
  await pool.query("TRUNCATE delivery_keys");
});

it.each([
  [NEVER, 3_600_000],
  [{ ...NEVER, logsMs: 7 * DAY_MS }, 3_600_000],
  [{ ...NEVER, logsMs: 3_600_000, runsMs: DAY_MS }, 900_000],
  [{ ...NEVER, logsMs: 0 }, 60_000],
])("looks for what is to go as often as what is kept shortest asks for: %j", (keep, everyMs) => {
  expect(sweepEveryMs(keep)).toBe(everyMs);
});

it("deletes the logs of a run with it, though logs are kept for ever", async () => {
  await ended(40, 35);
  const fresh = await ended(1, 1);
  expect(await sweep({ runsMs: 30 * DAY_MS })).toEqual(["runs 1"]);
  expect(await ids("log_segments", "run_id")).toEqual([fresh]);
  await db.database.pool.query("TRUNCATE run_history, journal, log_segments");
});

it("deletes what is older than it is kept, whole, and nothing that is younger or goes on", async () => {
  const old = await ended(40, 35);
  const long = await ended(50, 2);
  const loud = await ended(9, 8);
  const fresh = await ended(1, 1);
  const { pool } = db.database;
  const alive = idAt(60);
  await pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by) VALUES ($1, 1, 'test.run', '{}', $2, 'test')`,
    [alive, daysAgo(60)],
  );
  const event = idAt(31);
  for (const id of [event, idAt(29)])
    await pool.query(
      `INSERT INTO events (id, type, source, time, received_at, traceparent, data)
       VALUES ($1, 't', 's', now(), now(), '', '{}')`,
      [id],
    );
  await pool.query(
    `INSERT INTO decisions (event_id, rule, id, status, run_id, decided_at) VALUES ($1, 'r', $1, 'matched', $1, now())`,
    [event],
  );
  await pool.query(
    `INSERT INTO replays (event_id, replay, batch, op_id, requested_by) VALUES ($1, 1, $1, $1, 'test')`,
    [event],
  );
  // Ended long ago, but not yet known to hold nothing; ended so, and of late; and one that lives.
  const [unswept = "", recent = "", living = ""] = [idAt(40), idAt(1), idAt(50)];
  const session = (id: string, endedDays: number | null, isSwept: boolean) =>
    pool.query(
      `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at, ended_at, swept)
       VALUES ($1, 'h', 1, '', '{}', false, now(), $2, $3)`,
      [id, endedDays === null ? null : daysAgo(endedDays), isSwept],
    );
  await session(idAt(45), 40, true);
  await session(unswept, 40, false);
  await session(recent, 1, true);
  await session(living, null, false);
  const node = await nodes();
  const audit = startAudit(db.database);
  for (const days of [366, 364]) await audit.record(entryOf({ at: daysAgo(days) }));
  const told = await sweep({
    logsMs: 7 * DAY_MS,
    runsMs: 30 * DAY_MS,
    eventsMs: 30 * DAY_MS,
    nodesMs: 365 * DAY_MS,
    auditMs: 365 * DAY_MS,
  });

  expect(await ids("nodes", "id")).toEqual([node.young, node.alive].toSorted());
  expect(await ids("node_tokens", "id")).toEqual([node.aliveToken]);
  expect(await ids("sessions", "id")).toEqual([living, unswept, recent]);
  expect(await ids("run_history", "id")).toEqual([long, loud, fresh]);
  expect(await ids("journal", "run_id")).toEqual([long, loud, fresh]);
  expect(await ids("log_segments", "run_id")).toEqual([long, fresh]);
  expect(await ids("runs", "id")).toEqual([alive]);
  expect(await ids("events", "id")).toHaveLength(1);
  expect(await ids("decisions", "event_id")).toEqual([]);
  expect(await ids("replays", "event_id")).toEqual([]);
  expect(told).toEqual([
    "logs 2",
    "runs 1",
    "sessions 1",
    "decisions 1",
    "events 1",
    "audit 1",
    "nodes 1",
    "node tokens 1",
    "call keys 1",
    "kept answers 1",
  ]);
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 1 });
  await audit.end();
  expect(old).toBeDefined();
});
