import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { CarryRequest } from "@yardmaster/protocol";
import { afterAll, expect, it, onTestFinished } from "vitest";
import type { Database } from "../src/db/index.ts";
import { carry, reopen } from "../src/move/carry.ts";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-8";
const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "yard-move-"));
afterAll(() => rmSync(folder, { recursive: true }));

const environment = (DATABASE_URL: string, data = "data") => ({
  ...{ DATABASE_URL, YARD_DATA: join(folder, data), YARD_PORT: "0", YARD_ADMIN_TOKEN: ADMIN },
  YARD_MASTER_KEY: "a".repeat(64),
});

async function database(options?: { empty: true }): Promise<TestDatabase> {
  const db = await createTestDatabase(options);
  onTestFinished(() => db.drop());
  return db;
}

async function start({ url }: TestDatabase): Promise<Server> {
  const settings = readSettings([], environment(url), folder);
  const server = await startServer(settings, createLogger({ level: "error", write: () => {} }));
  onTestFinished(() => server.close());
  return server;
}

async function ask(
  server: Server,
  path: string,
  body?: object,
  prefer = "wait=20",
  method = body === undefined ? "GET" : "POST",
) {
  const response = await fetch(`${server.api?.url}${path}`, {
    method,
    headers: {
      ...{ authorization: `Bearer ${ADMIN}`, prefer },
      "content-type": "application/json",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await response.text());
}

function move({ url }: TestDatabase, target: string, task: "move" | "copy" = "move") {
  const tables: string[] = [];
  const onTable = (name: string): void => void tables.push(name);
  const deps = { env: environment(url), cwd: folder, onTable, signal };
  return carry({ task, target }, deps).then((carried) => ({ ...carried, tables }));
}

/** Every table of a database with a digest of its rows, but for what was done to this one, and the numbers drawn. */
async function contentOf({ pool }: Pick<Database, "pool">) {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1",
  );
  const sequences = await pool.query("SELECT sequencename, last_value FROM pg_sequences");
  const content: Record<string, unknown> = { sequences: sequences.rows };
  for (const { name } of rows.filter((row) => !["yard_migrations", "moved"].includes(row.name))) {
    const digest = await pool.query(
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS d FROM ${name} t`,
    );
    content[name] = digest.rows[0].d;
  }
  return content;
}

it("an installation goes on where it was moved to with all that it had, and starts no more where it was", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  const before = await start(here);
  const done = await ask(before, "/v1/runs", { ref: "core.echo", input: { n: "ü\t\\N" } });
  const sleep = { ref: "core.sleep", input: { duration: "1h" } };
  const asleep = await ask(before, "/v1/runs", sleep, "wait=0");
  const asking = { ref: "core.ask", input: { prompt: "Well?", timeout: "1h" } };
  const asked = await ask(before, "/v1/runs", asking, "wait=0");
  const [question] = await ask(before, `/v1/inquiries?run=${asked.id}`);
  await ask(before, "/v1/nodes", { name: "lab" });
  await ask(before, "/v1/sources", { name: "forge", kind: "gitea", secret: "s".repeat(32) });
  await ask(before, "/v1/secrets/token", { value: "t-4711" }, undefined, "PUT");
  await before.close();

  const carried = await move(here, there.url);
  expect(carried.tables).toContain("journal");
  expect(await contentOf(there.database)).toEqual(await contentOf(here.database));
  await expect(start(here)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("was moved at"),
  });
  await expect(
    here.database.pool.query(
      "INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at) VALUES (gen_random_uuid(), 'x', 1, 'x', '{api}', false, now())",
    ),
  ).rejects.toThrow(/was moved to/);

  const after = await start(there);
  expect(await ask(after, `/v1/runs/${done.id}`)).toEqual(done);
  expect(await ask(after, `/v1/runs/${asleep.id}`)).toMatchObject({ status: "waiting" });
  expect(await ask(after, "/v1/runs", { ref: "core.echo", input: {} })).toMatchObject({
    status: "success",
  });
  expect(await ask(after, `/v1/inquiries/${question.id}`)).toEqual(question);
  await ask(after, `/v1/inquiries/${question.id}/answer`, { answer: { moved: true } });
  expect(await ask(after, `/v1/runs/${asked.id}`)).toMatchObject({
    ...{ status: "success", output: { moved: true } },
  });
  expect((await ask(after, "/v1/sources"))[0]).toMatchObject({ name: "forge" });
  expect(await ask(after, "/v1/secrets/token")).toMatchObject({ status: "ok", revision: 1 });
  await after.close();

  const env = environment(here.url);
  expect(await reopen({ env, cwd: folder })).toMatchObject({ to: carried.to });
  expect(await reopen({ env, cwd: folder })).toBeUndefined();
  const again = await start(here);
  expect(await ask(again, `/v1/runs/${done.id}`)).toEqual(done);
});

it("a copy is of one moment, and the installation that is copied goes on", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  const server = await start(here);
  const done = await ask(server, "/v1/runs", { ref: "core.echo", input: { n: 1 } });
  expect(await move(here, there.url, "copy")).toMatchObject({ rows: expect.any(Number) });
  const next = await ask(server, "/v1/runs", { ref: "core.echo", input: { n: 2 } });
  const { rows } = await there.database.pool.query("SELECT id FROM run_history");
  expect(rows).toEqual([{ id: done.id }]);
  expect(next.status).toBe("success");
});

it("a move is of one moment, and whoever was frozen or begins meanwhile finds the installation gone", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  await (await start(here)).close();
  const { pool } = here.database;
  const session = (host: string, left: string) =>
    pool.query(
      `INSERT INTO sessions (id, host, pid, process_start, roles, owner, expires_at)
       VALUES (gen_random_uuid(), $1, 1, 'x', '{worker}', false, now() + $2::interval)`,
      [host, left],
    );
  await session("frozen", "-1 minute");
  const holder = await pool.connect();
  await holder.query("BEGIN; LOCK TABLE sources IN ACCESS EXCLUSIVE MODE");
  const moving = move(here, there.url);
  await areHeld(pool, 1);
  await pool.query("INSERT INTO timers VALUES (gen_random_uuid(), 'late', 1, now())");
  const beginning = expect(session("late", "1 minute")).rejects.toThrow(/was moved to/);
  await areHeld(pool, 2);
  await holder.query("COMMIT");
  holder.release();
  await moving;
  await beginning;
  expect((await there.database.pool.query("SELECT FROM timers")).rowCount).toBe(0);
  const { rows } = await pool.query("SELECT host, ended_at FROM sessions WHERE host <> $1", [
    hostname(),
  ]);
  expect(rows).toEqual([{ host: "frozen", ended_at: expect.anything() }]);
});

/** Resolves when so many connections wait for a lock. */
async function areHeld(pool: Database["pool"], count: number): Promise<void> {
  const waits = `SELECT FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  await expect.poll(async () => (await pool.query(waits)).rowCount).toBe(count);
}

it("what stands in the way is said, and nothing is changed", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  await expect(move(there, here.url)).rejects.toMatchObject({ code: "not_found" });
  await expect(move(here, here.url)).rejects.toThrow(/already/);
  await expect(move(here, "example.org")).rejects.toThrow(/write it like postgres:/);
  const server = await start(here);
  await expect(move(here, there.url)).rejects.toThrow(
    new RegExp(`Process ${process.pid} on .+ is at work`),
  );
  await server.close();
  await there.database.pool.query("INSERT INTO changes (items) VALUES ('[]')");
  await expect(move(here, there.url)).rejects.toThrow(/in use: its table changes has rows/);
  await there.database.pool.query("DELETE FROM changes");
  await here.database.pool.query("DELETE FROM yard_migrations WHERE number > 20");
  await expect(move(here, there.url)).rejects.toThrow(/another version/);
  expect((await contentOf(there.database))["tokens"]).toMatch(/^0 /);
});

it("what is stopped in the middle leaves both as they were", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  await (await start(here)).close();
  const stopping = new AbortController();
  const onTable = (): void => stopping.abort(new Error("stopped"));
  const deps = { env: environment(here.url), cwd: folder, onTable, signal: stopping.signal };
  await expect(carry({ task: "move", target: there.url }, deps)).rejects.toThrow(/stopped|aborted/);
  expect((await contentOf(there.database))["tokens"]).toMatch(/^0 /);
  await move(here, there.url);
});

it("an installation goes to the PostgreSQL that comes along, and from there", async () => {
  const [here, there] = [await database(), await database({ empty: true })];
  const server = await start(here);
  await ask(server, "/v1/runs", { ref: "core.echo", input: { n: 1 } });
  await server.close();
  const { DATABASE_URL: _, ...embedded } = environment("", "embedded");
  const deps = { cwd: folder, onTable: () => {}, signal };
  const back: CarryRequest = { task: "move", target: there.url };
  await expect(carry(back, { ...deps, env: embedded })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("There is no installation in"),
  });
  const env = { ...embedded, DATABASE_URL: here.url };
  const first = await carry({ task: "copy", target: "embedded" }, { ...deps, env });
  const second = await carry(back, { ...deps, env: embedded });
  expect(second).toMatchObject({ from: first.to, rows: first.rows });
  expect(await contentOf(there.database)).toEqual(await contentOf(here.database));
});
