import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { deleteOldChanges } from "../retention.store.ts";
import { insertChanges, selectFeedLagMs } from "./feed.store.ts";
import { createFeed } from "./feed.ts";

describe("the change feed", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db?.drop());

  const change = (id: string) => ({ type: "run.created", id }) as const;

  /** Ids of this test's items behind a cursor, read in pages. */
  async function idsAfter(start: string, prefix: string, limit = 2): Promise<string[]> {
    const feed = createFeed(db.database.pool);
    const ids: string[] = [];
    for (let cursor = start; ; ) {
      const { items } = await feed.read(cursor, limit);
      ids.push(...items.map((item) => item.change.id).filter((id) => id.startsWith(prefix)));
      const last = items.at(-1);
      if (last === undefined) return ids;
      cursor = last.cursor;
    }
  }

  // The horizon is the whole cluster's: another test's transaction may hold items back for a moment.
  const soon = { timeout: 20_000 };

  it("gives every item once, in order, however small the pages", async () => {
    const start = await createFeed(db.database.pool).head();
    const insert = (ids: readonly string[]) =>
      db.database.withTransaction((client) => insertChanges(client, ids.map(change)));
    await insert(["page-1", "page-2", "page-3"]);
    await insert(["page-4"]);
    const all = ["page-1", "page-2", "page-3", "page-4"];
    await expect.poll(() => idsAfter(start, "page-"), soon).toEqual(all);
  });

  it("asks once for thousands who read on from the same place, each time that they are woken", async () => {
    const { pool } = db.database;
    const feed = createFeed(pool);
    const start = await feed.head();
    await db.database.withTransaction((client) => insertChanges(client, [change("shared-1")]));
    await expect.poll(() => idsAfter(start, "shared-"), soon).toEqual(["shared-1"]);
    const queries = vi.spyOn(pool, "query");
    const all = await Promise.all(Array.from({ length: 5_000 }, () => feed.read(start, 200)));
    expect(queries.mock.calls.length).toBeLessThanOrEqual(2);
    queries.mockRestore();
    for (const { items } of all) expect(items.map((item) => item.change.id)).toContain("shared-1");
  });

  it("holds back what was committed while an older transaction is open, and then loses neither", async () => {
    const start = await createFeed(db.database.pool).head();
    const slow = await db.database.pool.connect();
    await slow.query("BEGIN");
    await insertChanges(slow, [change("held-slow")]);
    await db.database.withTransaction((client) => insertChanges(client, [change("held-quick")]));
    expect(await idsAfter(start, "held-")).toEqual([]);
    await slow.query("COMMIT");
    slow.release();
    await expect.poll(() => idsAfter(start, "held-"), soon).toEqual(["held-slow", "held-quick"]);
  });

  it("is not held back by a transaction of another database, however long that is open", async () => {
    const other = await createTestDatabase();
    const foreign = await other.database.pool.connect();
    await foreign.query("BEGIN");
    await foreign.query("SELECT pg_current_xact_id()");
    const feed = createFeed(db.database.pool);
    const start = await feed.head();
    await db.database.withTransaction((client) => insertChanges(client, [change("near-1")]));
    await expect.poll(() => idsAfter(start, "near-"), soon).toEqual(["near-1"]);
    // PostgreSQL's own may be open for a moment here.
    await expect.poll(() => selectFeedLagMs(db.database.pool), soon).toBe(0);
    await foreign.query("COMMIT");
    foreign.release();
    await other.drop();
  });

  it("keeps its order, and its head, where transaction numbers get another digit", async () => {
    const other = await createTestDatabase();
    const { pool } = other.database;
    // Before all that this cluster has given: its first numbers are above 700.
    for (const [xid, id] of [
      ["9", "nine"],
      ["10", "ten"],
      ["100", "hundred"],
    ])
      await pool.query("INSERT INTO changes (xid, items) VALUES ($1::xid8, $2)", [
        xid,
        JSON.stringify([change(String(id))]),
      ]);
    const feed = createFeed(pool);
    const head = await feed.head();
    const epoch = head.slice(0, 36);
    const { items } = await feed.read(`${epoch}.9.0.0`, 10);
    expect(items.map((item) => item.change.id)).toEqual(["nine", "ten", "hundred"]);
    expect(head).toContain(`${epoch}.100.`);
    await other.drop();
  });

  it("answers a cursor of another installation with a gap", async () => {
    const feed = createFeed(db.database.pool);
    const foreign = (await feed.head()).replace(
      /^[0-9a-f-]{36}/,
      "00000000-0000-4000-8000-000000000000",
    );
    expect(await feed.read(foreign, 10)).toEqual({ gap: true, items: [] });
  });

  it("answers a cursor with a gap whose changes are kept no longer, though nothing has come since", async () => {
    const other = await createTestDatabase();
    const { pool } = other.database;
    for (const id of ["seen", "missed", "missed too"])
      await pool.query("INSERT INTO changes (at, items) VALUES (now() - interval '2 days', $1)", [
        JSON.stringify([change(id)]),
      ]);
    const feed = createFeed(pool);
    const all = async () =>
      (await feed.read(`${(await feed.head()).slice(0, 36)}.0.0.0`, 10)).items;
    await expect.poll(all, soon).toHaveLength(3);
    const [seen = "", , last = ""] = (await all()).map(({ cursor }) => cursor);
    const dayAgo = new Date(Date.now() - 86_400_000);
    expect(await deleteOldChanges(pool, dayAgo, 100)).toBe(2);
    expect(await deleteOldChanges(pool, dayAgo, 100)).toBe(0);
    expect(await feed.read(seen, 10)).toEqual({ gap: true, items: [] });
    expect(await feed.read(last, 10)).toEqual({ gap: false, items: [] });
    await other.drop();
  });

  it("answers a cursor of a time after the backup that was put back with a gap", async () => {
    const feed = createFeed(db.database.pool);
    const ahead = (await feed.head()).replace(/^([0-9a-f-]{36})\.\d+/, "$1.18446744073709551615");
    expect(await feed.read(ahead, 10)).toEqual({ gap: true, items: [] });
  });

  it("does so too where the numbers after the backup were given again, by other changes or none", async () => {
    const { pool } = db.database;
    const feed = createFeed(pool);
    const start = await feed.head();
    await db.database.withTransaction((client) => insertChanges(client, [change("again-1")]));
    await db.database.withTransaction((client) => insertChanges(client, [change("again-2")]));
    await expect.poll(() => idsAfter(start, "again-"), soon).toHaveLength(2);
    const first = (await feed.read(start, 10)).items.find(({ change: { id } }) => id === "again-1");
    const cursor = first?.cursor ?? "";
    expect(await feed.read(cursor, 10)).toMatchObject({ gap: false });
    const isFirst = "items::text LIKE '%again-1%'";
    await pool.query(`UPDATE changes SET at = at + interval '1 hour' WHERE ${isFirst}`);
    expect(await feed.read(cursor, 10)).toEqual({ gap: true, items: [] });
    await pool.query(`DELETE FROM changes WHERE ${isFirst}`);
    expect(await feed.read(cursor, 10)).toEqual({ gap: true, items: [] });
    // Of an earlier build, whose cursors have no time.
    expect(await feed.read(cursor.replace(/\.\d+$/, ""), 10)).toMatchObject({ gap: false });
  });

  it("refuses what is no cursor", async () => {
    const feed = createFeed(db.database.pool);
    const [epoch] = (await feed.head()).split(".");
    const nines = "9".repeat(19);
    for (const cursor of ["nonsense", `${epoch}.9${nines}.1.0`, `${epoch}.1.${nines}.0`])
      await expect(feed.read(cursor, 10)).rejects.toMatchObject({ code: "invalid_cursor" });
  });
});
