import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AuditBreak } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { entryOf, startAudit, type TestAudit } from "./audit.fixture.ts";
import { deleteOldAuditEntries } from "./index.ts";

const RUN_TYPESCRIPT = fileURLToPath(new URL("../../test/run-typescript.mjs", import.meta.url));
const WRITER = fileURLToPath(new URL("./writers.fixture.ts", import.meta.url));

interface Setup {
  readonly db: TestDatabase;
  readonly audit: TestAudit;
  readonly sql: (text: string) => Promise<Record<string, unknown>[]>;
}

async function open(
  entries: number,
  keepMs?: number,
): Promise<Setup & { end: () => Promise<void> }> {
  const db = await createTestDatabase();
  const audit = startAudit(db.database, [], undefined, keepMs);
  for (let n = 1; n <= entries; n++) await audit.record(entryOf({ details: { n } }));
  const sql = async (text: string) => (await db.database.pool.query(text)).rows;
  const end = async () => {
    await audit.end();
    await db.drop();
  };
  return { db, audit, sql, end };
}

async function setup(entries = 0, keepMs?: number): Promise<Setup> {
  const opened = await open(entries, keepMs);
  onTestFinished(opened.end);
  return opened;
}

async function startWriter(url: string, name: string, count: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [RUN_TYPESCRIPT, WRITER, url, name, `${count}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

it("is one chain, whichever process writes, and keeps each one's order", async () => {
  const { db, audit, sql } = await setup();
  const writers = await Promise.all(["a", "b"].map((name) => startWriter(db.url, name, 300)));
  const ended = writers.map(async (child) => {
    child.stdin?.write("go\n");
    return await once(child, "exit");
  });
  const own = Array.from({ length: 100 }, (_, n) =>
    audit.record(entryOf({ subject: "c", details: { n } })),
  );
  expect(await Promise.all(ended)).toEqual([
    [0, null],
    [0, null],
  ]);
  await Promise.all(own);
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 702, broken: null });
  const rows = await sql(
    "SELECT node, count(*) AS n, count(DISTINCT details->>'n') AS different FROM audit_entries GROUP BY 1 ORDER BY 1",
  );
  expect(rows).toEqual([
    { node: "a", n: 301, different: 301 },
    { node: "b", n: 301, different: 301 },
    { node: "c", n: 100, different: 100 },
  ]);
  const order = await sql(
    "SELECT details->'n' AS n FROM audit_entries WHERE node = 'c' ORDER BY seq",
  );
  expect(order.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  // They did write at the same time, not one after the other.
  const changes = await sql(
    "SELECT count(*) AS n FROM (SELECT node <> lag(node) OVER (ORDER BY seq) AS is_other FROM audit_entries) t WHERE is_other",
  );
  expect(changes[0]?.["n"]).toBeGreaterThan(4);
});

/** Swaps the places of two entries, as somebody with access to the table would. */
const SWAP = `UPDATE audit_entries SET seq = seq + 1000 WHERE seq = 4;
  UPDATE audit_entries SET seq = 4 WHERE seq = 6; UPDATE audit_entries SET seq = 6 WHERE seq = 1004`;
const UP =
  "UPDATE audit_entries SET seq = seq + 1000 WHERE seq >= 5; UPDATE audit_entries SET seq = seq - 999 WHERE seq >= 1005";
const DOWN =
  "UPDATE audit_entries SET seq = seq + 1000 WHERE seq > 5; UPDATE audit_entries SET seq = seq - 1001 WHERE seq > 1005";
const forged = (seq: number, follows: string) =>
  `INSERT INTO audit_entries (seq, id, ts, actor, action, node, phase, status, details, prev_hash, hash)
   SELECT ${seq}, gen_random_uuid(), now(), 'token:eve', 'node.exec', 'lab-7', 'event', 'ok', '{}',
     ${follows}, sha256('forged')`;
const hashAt = (seq: number) => `(SELECT hash FROM audit_entries WHERE seq = ${seq})`;
const NO_HASH = "decode(repeat('11', 32), 'hex')";

const TAMPERINGS: readonly (readonly [string, string, AuditBreak, number])[] = [
  ["an exit code", "UPDATE audit_entries SET exit_code = 0 WHERE seq = 5", "changed", 5],
  ["a detail", `UPDATE audit_entries SET details = '{"n": 50}' WHERE seq = 5`, "changed", 5],
  ["an actor", "UPDATE audit_entries SET actor = 'token:eve' WHERE seq = 5", "changed", 5],
  ["a time", "UPDATE audit_entries SET ts = ts + interval '1 ms' WHERE seq = 5", "changed", 5],
  ["a hash", "UPDATE audit_entries SET hash = sha256('x') WHERE seq = 5", "changed", 5],
  ["a link", `UPDATE audit_entries SET prev_hash = ${NO_HASH} WHERE seq = 5`, "changed", 5],
  [
    "the newest hash and its entry",
    "UPDATE audit_entries SET actor = 'x' WHERE seq = 10",
    "changed",
    10,
  ],
  ["one that was taken out", "DELETE FROM audit_entries WHERE seq = 5", "missing", 5],
  ["the oldest", "DELETE FROM audit_entries WHERE seq = 1", "missing", 1],
  [
    "one taken out and the gap closed",
    `DELETE FROM audit_entries WHERE seq = 5; ${DOWN}`,
    "missing",
    5,
  ],
  ["one put in without a link", `${UP}; ${forged(5, NO_HASH)}`, "inserted", 5],
  ["one put in with the right link", `${UP}; ${forged(5, hashAt(4))}`, "inserted", 5],
  ["one put behind the end", forged(11, hashAt(10)), "inserted", 11],
  ["two that changed places", SWAP, "reordered", 4],
  ["the newest taken out", "DELETE FROM audit_entries WHERE seq > 7", "truncated", 8],
  ["all taken out", "DELETE FROM audit_entries", "truncated", 1],
  ["all taken out at once", "TRUNCATE audit_entries", "truncated", 1],
  ["the head moved back", "UPDATE audit_marks SET seq = 7 WHERE name = 'head'", "changed", 7],
  ["the head taken out", "DELETE FROM audit_marks WHERE name = 'head'", "truncated", 10],
  ["the anchor taken out", "DELETE FROM audit_marks WHERE name = 'anchor'", "truncated", 10],
  ["the anchor moved on", "UPDATE audit_marks SET seq = 3 WHERE name = 'anchor'", "changed", 1],
];

describe("verify", () => {
  let test: Setup;
  let end: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open(10);
    test = opened;
    end = opened.end;
    await test.sql(
      "CREATE TABLE entries_kept AS TABLE audit_entries; CREATE TABLE marks_kept AS TABLE audit_marks",
    );
  });
  afterAll(() => end?.());
  beforeEach(async () => {
    await test.sql(`TRUNCATE audit_entries, audit_marks; INSERT INTO audit_entries TABLE entries_kept;
      INSERT INTO audit_marks TABLE marks_kept`);
  });

  it("walks a chain that is whole to its end", async () => {
    const found = await test.audit.verify({});
    expect(found).toMatchObject({ ok: true, entries: 10, first: { seq: 1 }, last: { seq: 10 } });
  });

  it.each(TAMPERINGS)("finds %s", async (_, tampering, why, seq) => {
    await test.sql(tampering);
    const found = await test.audit.verify({});
    expect(found).toMatchObject({ ok: false, broken: { seq, why } });
    expect(found.broken?.detail).toMatch(/\d|head|anchor/);
    expect(found.entries).toBeLessThan(11);
  });

  it("finds by the file that a whole new chain ends earlier, or is another", async () => {
    const { audit, sql } = test;
    await sql("DELETE FROM audit_entries WHERE seq > 7");
    await sql(`UPDATE audit_marks SET seq = 7, hash = ${hashAt(7)} WHERE name = 'head'`);
    expect(await audit.verify({})).toMatchObject({
      entries: 7,
      broken: {
        seq: 8,
        why: "truncated",
        detail: expect.stringContaining("nodes.jsonl has entry 10"),
      },
    });
    const eve = startAudit(test.db.database);
    for (let n = 8; n <= 12; n++) await eve.record(entryOf({ details: { n } }));
    await eve.end();
    expect(await audit.verify({})).toMatchObject({
      entries: 12,
      broken: { seq: 10, why: "changed", detail: expect.stringContaining("made anew") },
    });
  });
});

it("goes on where the oldest left in their time, and still finds what was changed", async () => {
  const { db, audit, sql } = await setup();
  const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));
  for (let n = 1; n <= 12; n++) await audit.record(entryOf({ at: day(n), details: { n } }));
  // One that came late with an old time stays, with all behind it.
  await audit.record(entryOf({ at: day(2), details: { n: 13 } }));
  const { pool } = db.database;
  expect(await deleteOldAuditEntries(pool, day(8), 5)).toBe(5);
  expect(await deleteOldAuditEntries(pool, day(8), 5)).toBe(2);
  expect(await deleteOldAuditEntries(pool, day(8), 100)).toBe(0);
  expect(await audit.verify({})).toMatchObject({
    ok: true,
    entries: 6,
    first: { seq: 8 },
    last: { seq: 13 },
  });
  await audit.record(entryOf());
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 7 });
  await sql("DELETE FROM audit_entries WHERE seq = 8");
  expect(await audit.verify({})).toMatchObject({ broken: { seq: 8, why: "missing" } });
});

it("lets everything leave, and begins behind it", async () => {
  const { db, audit } = await setup(3);
  const later = new Date(Date.now() + 60_000);
  expect(await deleteOldAuditEntries(db.database.pool, later, 100)).toBe(3);
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 0, first: null, last: null });
  await audit.record(entryOf());
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 1, first: { seq: 4 } });
});

it("is told to have lost what was to be kept for longer, all of it or the beginning", async () => {
  const keepMs = 365 * 86_400_000;
  const { db, audit } = await setup(0, keepMs);
  const old = new Date(Date.now() - keepMs - 60_000);
  await audit.record(entryOf({ at: old }));
  await audit.record(entryOf());
  const { pool } = db.database;
  expect(await deleteOldAuditEntries(pool, new Date(), 1)).toBe(1);
  expect(await audit.verify({})).toMatchObject({ ok: true, first: { seq: 2 } });
  expect(await deleteOldAuditEntries(pool, new Date(Date.now() + 60_000), 1)).toBe(1);
  const detail = expect.stringContaining("to be kept for longer (YARD_KEEP_AUDIT)");
  const broken = { seq: 2, why: "missing", detail };
  expect(await audit.verify({})).toMatchObject({ ok: false, entries: 0, broken });
  const later = startAudit(db.database, [], undefined, Number.POSITIVE_INFINITY);
  onTestFinished(() => later.end());
  for (let n = 3; n <= 5; n++) await later.record(entryOf());
  expect(await later.verify({})).toMatchObject({ ok: true, entries: 3 });
  expect(await deleteOldAuditEntries(pool, new Date(Date.now() + 60_000), 1)).toBe(1);
  expect(await later.verify({})).toMatchObject({ entries: 2, broken: { ...broken, seq: 3 } });
});

it("is swept by several processes at once", async () => {
  const { db, audit } = await setup(40);
  const later = new Date(Date.now() + 60_000);
  const gone = await Promise.all(
    Array.from({ length: 8 }, () => deleteOldAuditEntries(db.database.pool, later, 4)),
  );
  expect(gone.reduce((sum, n) => sum + n, 0)).toBe(32);
  expect(await audit.verify({})).toMatchObject({ ok: true, entries: 8, first: { seq: 33 } });
});

it("is walked in parts, each of which begins where the last one ended", async () => {
  const { audit, sql } = await setup(10);
  const first = await audit.verify({ limit: 4 });
  expect(first).toMatchObject({ ok: true, entries: 4, next: 4, last: { seq: 4 } });
  const second = await audit.verify({ after: 4, limit: 100 });
  expect(second).toMatchObject({ ok: true, entries: 6, next: null, first: { seq: 5 } });
  await sql("UPDATE audit_entries SET actor = 'x' WHERE seq = 9");
  expect(await audit.verify({ after: 4 })).toMatchObject({ entries: 4, broken: { seq: 9 } });
  const gone = AbortSignal.abort(new Error("the client went away"));
  await expect(audit.verify({ signal: gone })).rejects.toThrow("the client went away");
});
