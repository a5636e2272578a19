import { randomUUID } from "node:crypto";
import { firstUuidAt } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/test-database.ts";
import { entryOf, startAudit } from "./audit/audit.fixture.ts";
import { createRetention } from "./retention.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const DAY_MS = 86_400_000;

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
  const told: string[] = [];
  const retention = createRetention(
    {
      pool,
      now: () => NOW,
      onDeleted: (what, rows) => told.push(`${what} ${rows}`),
      onError: (error) => {
        throw error;
      },
    },
    {
      logsMs: 7 * DAY_MS,
      deliveriesMs: undefined,
      runsMs: 30 * DAY_MS,
      eventsMs: 30 * DAY_MS,
      nodesMs: 365 * DAY_MS,
      auditMs: 365 * DAY_MS,
    },
  );
  await retention.runOnce();
  await retention.close();

  expect(await ids("nodes", "id")).toEqual([node.young, node.alive].toSorted());
  expect(await ids("node_tokens", "id")).toEqual([node.aliveToken]);
  expect(await ids("sessions", "id")).toEqual([living, unswept, recent]);
  expect(await ids("run_history", "id")).toEqual([long, loud, fresh]);
  expect(await ids("journal", "run_id")).toEqual([long, loud, fresh]);
  expect(await ids("log_segments", "run_id")).toEqual([long, fresh]);
  expect(await ids("runs", "id")).toEqual([alive]);
  expect(await ids("events", "id")).toHaveLength(1);
  expect(await ids("decisions", "event_id")).toEqual([]);
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
