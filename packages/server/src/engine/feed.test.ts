import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { insertChanges } from "./feed.store.ts";
import { createFeed } from "./feed.ts";

describe("the change feed", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db?.drop());

  const change = (id: string) => ({ type: "test", id });

  async function idsAfter(cursor: string, limit = 100): Promise<{ ids: string[]; last: string }> {
    const feed = createFeed(db.database.pool);
    const { items } = await feed.read(cursor, limit);
    return { ids: items.map((item) => item.change.id), last: items.at(-1)?.cursor ?? cursor };
  }

  it("gives every item once, in order, however small the pages", async () => {
    const start = await createFeed(db.database.pool).head();
    await db.database.withTransaction((client) =>
      insertChanges(client, ["a", "b", "c"].map(change)),
    );
    await db.database.withTransaction((client) => insertChanges(client, ["d"].map(change)));
    const seen: string[] = [];
    let cursor = start;
    for (;;) {
      const page = await idsAfter(cursor, 2);
      if (page.ids.length === 0) break;
      seen.push(...page.ids);
      cursor = page.last;
    }
    expect(seen).toEqual(["a", "b", "c", "d"]);
  });

  it("holds back what was committed while an older transaction is open, and then loses neither", async () => {
    const start = await createFeed(db.database.pool).head();
    const slow = await db.database.pool.connect();
    await slow.query("BEGIN");
    await insertChanges(slow, [change("slow")]);
    await db.database.withTransaction((client) => insertChanges(client, [change("quick")]));
    expect((await idsAfter(start)).ids).toEqual([]);
    await slow.query("COMMIT");
    slow.release();
    expect((await idsAfter(start)).ids).toEqual(["slow", "quick"]);
  });

  it("answers a cursor of another installation with a gap", async () => {
    const feed = createFeed(db.database.pool);
    const foreign = (await feed.head()).replace(
      /^[0-9a-f-]{36}/,
      "00000000-0000-4000-8000-000000000000",
    );
    expect(await feed.read(foreign, 10)).toEqual({ gap: true, items: [] });
  });

  it("refuses what is no cursor", async () => {
    const feed = createFeed(db.database.pool);
    await expect(feed.read("nonsense", 10)).rejects.toMatchObject({ code: "invalid_cursor" });
  });
});
