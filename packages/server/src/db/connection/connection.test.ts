import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { sql } from "kysely";
import type pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { connectDatabase, silentLog } from "../index.ts";
import { kyselyFor } from "../kysely.ts";
import {
  clientConfig,
  connectClient,
  passwordOf,
  placeOf,
  streamOf,
  withSettings,
} from "./connection.ts";

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase({ empty: true });
});
afterAll(() => test_.drop());

test("values arrive as the wire wants them", async () => {
  const { rows } = await test_.database.pool.query(
    `select 7::int8 as count, '2026-03-01 12:00:00.25+01'::timestamptz as at, '{"a":[1]}'::jsonb as data`,
  );
  expect(rows).toEqual([{ count: 7, at: "2026-03-01T11:00:00.250Z", data: { a: [1] } }]);
});

test("all connections read by indexes and wait for the disk; hot ones pin their plans and keep hash joins", async () => {
  const names = ["enable_seqscan", "enable_mergejoin", "enable_hashjoin", "plan_cache_mode", "jit"];
  const all = [...names, "synchronous_commit"];
  const query = `select ${all.map((name) => `current_setting('${name}') as ${name}`).join(", ")}`;
  const hot = await test_.database.connectHot("flush");
  expect((await hot.query(query)).rows[0]).toEqual({
    enable_seqscan: "off",
    enable_mergejoin: "off",
    enable_hashjoin: "on",
    plan_cache_mode: "force_generic_plan",
    jit: "off",
    synchronous_commit: "on",
  });
  const pooled = (await test_.database.pool.query(query)).rows[0];
  expect(pooled).toMatchObject({
    enable_seqscan: "off",
    jit: "off",
    enable_mergejoin: "on",
    plan_cache_mode: "auto",
    synchronous_commit: "on",
  });
});

test("timeouts and an isolation that an administrator set for others do not break what we do, unless the URL has them", async () => {
  const other = await createTestDatabase({ empty: true });
  onTestFinished(() => other.drop());
  const { rows } = await other.database.pool.query("select current_database() as name");
  for (const [name, value] of [
    ["statement_timeout", "20ms"],
    ["lock_timeout", "20ms"],
    ["idle_session_timeout", "20ms"],
    ["default_transaction_isolation", "serializable"],
  ])
    await other.database.pool.query(`alter database ${rows[0].name} set ${name} = '${value}'`);
  const pool = async (url: string) => {
    const database = await connectDatabase(url, { log: silentLog });
    onTestFinished(() => database.close());
    return database.pool;
  };
  const ours = await pool(other.url);
  const client = await ours.connect();
  await client.query("select pg_sleep(0.1)");
  expect(
    (
      await client.query(
        "select current_setting('lock_timeout') as lock, current_setting('idle_session_timeout') as idle, current_setting('transaction_isolation') as isolation",
      )
    ).rows,
  ).toEqual([{ lock: "0", idle: "0", isolation: "read committed" }]);
  client.release();
  const theirs = await pool(withSettings(other.url, { statement_timeout: "500" }));
  await expect(theirs.query("select pg_sleep(10)")).rejects.toMatchObject({ code: "57014" });
});

test("a hot connection says who it is and ends with the database", async () => {
  const other = await createTestDatabase({ empty: true });
  const hot = await other.database.connectHot("claim");
  const { rows } = await hot.query("select current_setting('application_name') as name");
  expect(rows).toEqual([{ name: "yardmaster claim" }]);
  const ended = new Promise((resolve) => hot.once("end", resolve));
  await other.drop();
  await ended;
});

test("settings join those that a URL has already", () => {
  const url = withSettings("postgresql://a@h:1/d?sslmode=disable&options=-c%20jit%3Don", {
    jit: "off",
  });
  const query = new URLSearchParams(url.slice(url.indexOf("?")));
  expect(Object.fromEntries(query)).toEqual({
    sslmode: "disable",
    options: "-c jit=off -c jit=on",
  });
});

test("a place names neither user nor password", () => {
  expect(placeOf("postgresql://user:secret@db.example:5433/yard")).toBe("yard at db.example:5433");
  expect(placeOf("postgresql://user:secret@/yard?host=%2Ftmp%2Fsock")).toBe("yard at /tmp/sock");
});

test("a password is read as it is sent, whatever is in it", () => {
  expect(passwordOf("postgresql://user:a%3Fb%25@db/my yard")).toBe("a?b%");
  expect(passwordOf("postgresql://user:100%@/yard?host=%2Ftmp%2Fsock")).toBe("100%");
  expect(passwordOf("postgresql://user@db/yard")).toBeUndefined();
});

test("a database is found by its address, whatever its name", async () => {
  const name = "what? #1/2 100% ä";
  const { pool } = test_.database;
  await pool.query(`create database "${name}"`);
  onTestFinished(async () => void (await pool.query(`drop database "${name}"`)));
  const own = placeOf(test_.url).split(" ")[0];
  const url = test_.url.replace(`/${own}?`, `/${encodeURIComponent(name)}?`);
  const client = await connectClient(clientConfig(url, "test"));
  const { rows } = await client.query("select current_database() as name");
  await client.end();
  expect(rows).toEqual([{ name }]);
  expect(placeOf("postgresql://db/my yard")).toBe("my yard at db:5432");
});

test("a server that never answers is out of reach, told without the password", async () => {
  const { connectDatabase, silentLog } = await import("../index.ts");
  const url = "postgresql://user:secret@/yard?host=%2Fnonexistent%2Fsocket";
  const opened = connectDatabase(url, { log: silentLog, connectWaitMs: 30 });
  await expect(opened).rejects.toMatchObject({ code: "unavailable" });
  await expect(opened).rejects.not.toThrow(/secret/);
});

test("a transaction is kept when its work returns and leaves nothing when it throws", async () => {
  const { database } = test_;
  await database.pool.query("create table kept (id int)");
  await database.withTransaction((client) => client.query("insert into kept values (1)"));
  const failing = database.withTransaction(async (client) => {
    await client.query("insert into kept values (2)");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect((await database.pool.query("select id from kept")).rows).toEqual([{ id: 1 }]);
});

test("a transaction whose failed statement was swallowed is not taken for done", async () => {
  const swallowed = test_.database.withTransaction(async (client) => {
    await client.query("select 1 / 0").catch(() => {});
  });
  await expect(swallowed).rejects.toThrow(/rolled back/);
});

test("a database that cannot be used is told by its setting and what to do", async () => {
  const name = placeOf(test_.url).split(" ")[0];
  const url = test_.url.replace(`/${name}?`, "/there_is_none?");
  const connecting = connectDatabase(url, { log: silentLog });
  await expect(connecting).rejects.toMatchObject({
    code: "invalid_setting",
    message: expect.stringMatching(
      /^DATABASE_URL: PostgreSQL \(there_is_none at .*does not exist; create it: CREATE DATABASE/,
    ),
  });
  const named = connectDatabase(url, { log: silentLog, urlName: "the target" });
  await expect(named).rejects.toThrow(/^the target: PostgreSQL \(there_is_none at /);
});

test("a connection ends even where nobody is left to answer its goodbye", async () => {
  const url = new URL(test_.url.replace("@/", "@localhost/"));
  const path = `${url.searchParams.get("host")}/.s.PGSQL.${url.searchParams.get("port") ?? 5432}`;
  let isLost = false;
  // Half open: it takes the end of the client, and says nothing of it.
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ path });
    client.on("data", (chunk) => isLost || upstream.write(chunk)).on("error", () => {});
    upstream.on("data", (chunk) => isLost || client.write(chunk)).on("error", () => {});
    onTestFinished(() => {
      client.destroy();
      upstream.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const { username, password, pathname } = url;
  const { port } = proxy.address() as AddressInfo;
  const through = `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`;
  const client = await connectClient(clientConfig(through, "test"));
  await client.query("SELECT 1");
  isLost = true;
  await client.end();
});

test("a query over the pool whose connection is lost fails by itself, whoever took the connection", async () => {
  const { pool } = test_.database;
  const took = once(pool, "acquire") as Promise<[pg.Client]>;
  const asked = sql`SELECT pg_sleep(30)`.execute(kyselyFor(pool));
  const [client] = await took;
  streamOf(client).destroy(new Error("lost"));
  await expect(asked).rejects.toThrow("lost");
});
