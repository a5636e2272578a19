import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { endExpired, endGone, sweepSessions } from "../scheduler/recovery.store.ts";
import { readOutlook } from "../scheduler/scheduler.store.ts";
import { endedAmong, endPredecessors, endSession } from "./sessions.store.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());
beforeEach(async () => {
  await db.database.pool.query("TRUNCATE sessions, leases, runs");
});

/** Of a process that owned the data folder and has not renewed it for long; ended so long ago, or not. */
async function session(
  endedAgoS: number | null,
  { roles = ["worker"], owner = true } = {},
): Promise<string> {
  const id = randomUUID();
  await db.database.pool.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at, ended_at, end_reason)
     VALUES ($1, 'h', 1, '', $3, $4, now() - interval '1 hour', now() - $2::int * interval '1 second',
       CASE WHEN $2::int IS NOT NULL THEN 'first' END)`,
    [id, endedAgoS, roles, owner],
  );
  return id;
}

async function ids(condition: string): Promise<string[]> {
  const { rows } = await db.database.pool.query(`SELECT id FROM sessions WHERE ${condition}`);
  return rows.map(({ id }) => id);
}

it("a session is looked at no more when it has been over for a minute and holds nothing", async () => {
  const { pool } = db.database;
  const [idle = "", leases = "", instant = ""] = await Promise.all(
    [70, 70, 70].map((endedAgoS) => session(endedAgoS)),
  );
  // A flush of it may be under way still; and one that lives.
  await session(50);
  await session(null);
  await pool.query(
    "INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue) VALUES ($1, 'a', 1, $2, now(), '')",
    [randomUUID(), leases],
  );
  await pool.query(
    `INSERT INTO runs (id, version, ref, input, created_at, created_by, instant_by)
     VALUES ($1, 1, 'test.run', '{}', now(), 'test', $2)`,
    [randomUUID(), instant],
  );
  await sweepSessions(pool);
  expect(await ids("swept")).toEqual([idle]);
});

it("a session ends once: who ends it later leaves when and why it did", async () => {
  const { pool } = db.database;
  const [ended, own] = [await session(70), await session(null)];
  await endSession(pool, ended, "again");
  await endGone(pool, [ended]);
  expect(await endExpired(pool, own)).toEqual([]);
  expect(await endPredecessors(pool, own)).toBe(0);
  expect(await ids("end_reason = 'first' AND ended_at < now() - interval '1 minute'")).toEqual([
    ended,
  ]);
  expect(await ids("ended_at IS NULL")).toEqual([own]);
});

it("a new owner of the data folder ends the sessions of those before it, and of no process elsewhere", async () => {
  const { pool } = db.database;
  const elsewhere = await session(null, { owner: false });
  const [before, own] = [await session(null), await session(null)];
  expect(await endPredecessors(pool, own)).toBe(1);
  expect((await ids("ended_at IS NULL")).sort()).toEqual([elsewhere, own].sort());
  expect(await ids("ended_at IS NOT NULL")).toEqual([before]);
});

it("others are the processes that live, and no nodes; gone is whoever has ended or is not known", async () => {
  const { pool } = db.database;
  const [own, other, ended] = [await session(null), await session(null), await session(70)];
  const node = await session(null, { roles: ["node"] });
  expect(await readOutlook(pool, own, "h")).toMatchObject({ others: 1, otherBuilds: false });
  await pool.query("UPDATE sessions SET version = '9.9.9' WHERE id <> $1", [own]);
  expect(await readOutlook(pool, own, "h")).toMatchObject({ others: 1, otherBuilds: true });
  const never = randomUUID();
  expect(await endedAmong(pool, [own, other, node, never, ended])).toEqual([never, ended]);
});
