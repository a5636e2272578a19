import type { ClientBase } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { inTransaction } from "./transaction.store.ts";

let db: TestDatabase;
let client: ClientBase & { release(): void };
beforeAll(async () => {
  db = await createTestDatabase();
  client = await db.database.pool.connect();
  await client.query("CREATE TABLE kept (id int)");
});
afterAll(async () => {
  client?.release();
  await db?.drop();
});

const kept = async () => (await client.query("SELECT id FROM kept")).rows;

it("tells what failed first, and not that what was sent after it was ignored", async () => {
  const failed = inTransaction(client, async (behind) => {
    await client.query("INSERT INTO kept VALUES (1)");
    behind(client.query("SELECT 1 / 0"));
    await client.query("INSERT INTO kept VALUES (2)");
    return { commit: "all" };
  });
  await expect(failed).rejects.toMatchObject({ code: "22012" });
  expect(await kept()).toEqual([]);
});

it("fails with what was not waited for, and says nothing committed that was not", async () => {
  const failed = inTransaction(client, async (behind) => {
    await client.query("INSERT INTO kept VALUES (3)");
    behind(client.query("SELECT 1 / 0"));
    return { commit: "all" };
  });
  await expect(failed).rejects.toMatchObject({ code: "22012" });
  expect(await kept()).toEqual([]);
});

it("commits what was waited for and what was not, and rolls back where it is told", async () => {
  const work = (id: number) => async (behind: (statement: Promise<unknown>) => void) => {
    behind(client.query("INSERT INTO kept VALUES ($1)", [id]));
    return id === 4 ? { commit: id } : { rollback: id };
  };
  expect(await inTransaction(client, work(4))).toBe(4);
  expect(await inTransaction(client, work(5))).toBe(5);
  expect(await kept()).toEqual([{ id: 4 }]);
});
