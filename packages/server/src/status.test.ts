import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/test-database.ts";
import { connectDatabase, silentLog } from "./db/index.ts";
import { readiness, serverStatus } from "./status.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db?.drop());

const reached = { reach: async (): Promise<void> => {} };

test("a PostgreSQL at a unix socket has a place too", async () => {
  const { database } = await serverStatus({
    database: db.database,
    engine: { sessions: async () => [], queueDepths: async () => [] },
    roles: ["api"],
    startedAt: new Date(0),
  });
  expect(database.place).toMatch(/^test_\w+ at \//);
});

test("a server that can write is ready", async () => {
  const ready = await readiness({ database: db.database, engine: reached });
  expect(ready).toEqual({ status: "ready", reason: null });
});

test("a server whose PostgreSQL takes no writes is not ready, and says why", async () => {
  const readOnly = encodeURIComponent("-c default_transaction_read_only=on");
  const database = await connectDatabase(`${db.url}&options=${readOnly}`, { log: silentLog });
  const ready = await readiness({ database, engine: reached });
  await database.close();
  expect(ready).toMatchObject({ status: "unready", reason: expect.stringMatching(/a standby/) });
});

test("a server that gets no connection to write over is not ready, and says why", async () => {
  const full = Object.assign(new Error("too many connections"), { code: "53300" });
  const engine = { reach: async () => Promise.reject(full) };
  const ready = await readiness({ database: db.database, engine });
  expect(ready).toMatchObject({
    status: "unready",
    reason: expect.stringMatching(/no connection/),
  });
});
