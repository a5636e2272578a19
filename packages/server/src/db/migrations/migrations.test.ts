import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { type MigrationReport, migrate, silentLog } from "../index.ts";

let used: TestDatabase;
let folder: string;
beforeEach(async () => {
  used = await createTestDatabase({ empty: true });
  folder = mkdtempSync(join(tmpdir(), "yard-migrations-"));
});
afterEach(async () => {
  await used.drop();
  rmSync(folder, { recursive: true });
});

const write = (name: string, sql: string): void => writeFileSync(join(folder, name), sql);
const run = (): Promise<MigrationReport> => migrate(used.database.pool, { folder, log: silentLog });

test("migrations are applied in order, and once", async () => {
  write("0002_more.sql", "insert into colour values ('red');");
  write("0001_first.sql", "create table colour (name text);");
  expect(await run()).toEqual({ applied: ["0001_first.sql", "0002_more.sql"] });
  expect(await run()).toEqual({ applied: [] });
  expect((await used.database.pool.query("select name from colour")).rows).toEqual([
    { name: "red" },
  ]);
});

test("what was applied is told in one line, and nothing where nothing was", async () => {
  const told: unknown[] = [];
  const log = { ...silentLog, info: (...line: unknown[]) => told.push(line) };
  const tell = async () => {
    told.length = 0;
    await migrate(used.database.pool, { folder, log });
    return told;
  };
  const line = (from: string | null, to: string, migrations: number) => [
    [{ from, to, migrations, duration_ms: expect.any(Number) }, "database migrated"],
  ];
  write("0001_first.sql", "create table colour (name text);");
  write("0002_more.sql", "insert into colour values ('red');");
  expect(await tell()).toEqual(line(null, "0002_more.sql", 2));
  expect(await tell()).toEqual([]);
  write("0003_most.sql", "insert into colour values ('blue');");
  expect(await tell()).toEqual(line("0002_more.sql", "0003_most.sql", 1));
});

test("starters at the same moment apply each migration once between them", async () => {
  write("0001_first.sql", "create table colour (name text);");
  write("0002_more.sql", "insert into colour values ('red');");
  const reports = await Promise.all([run(), run(), run(), run()]);
  expect(reports.flatMap(({ applied }) => applied)).toEqual(["0001_first.sql", "0002_more.sql"]);
  expect((await used.database.pool.query("select name from colour")).rows).toHaveLength(1);
});

test("a failing migration names file and line, and leaves nothing of itself", async () => {
  write("0001_first.sql", "create table colour (name text);");
  write("0002_more.sql", "create table shape (name text);\n\ncreate tabel typo ();\n");
  await expect(run()).rejects.toThrow(/0002_more\.sql:3 failed: syntax error/);
  const { rows } = await used.database.pool.query(
    "select to_regclass('colour') as colour, to_regclass('shape') as shape",
  );
  expect(rows).toEqual([{ colour: "colour", shape: null }]);
  write("0002_more.sql", "create table shape (name text);");
  expect(await run()).toEqual({ applied: ["0002_more.sql"] });
});

test.each([
  ["53100", "a disk that is full"],
  ["57P01", "a server that goes down"],
  ["42501", "a role without rights"],
  ["57014", "a timeout"],
])("%s is no fault of the migration: of %s the start knows what to do", async (code) => {
  write("0001_first.sql", `do $$ begin raise exception 'no' using errcode = '${code}'; end $$;`);
  await expect(run()).rejects.toMatchObject({ code, message: "no" });
});

test("an applied migration that changed is refused by its name, but for its line ends", async () => {
  write("0001_first.sql", "create table colour (name text);\n-- end\n");
  await run();
  write("0001_first.sql", "create table colour (name text);\r\n-- end\r\n");
  expect(await run()).toEqual({ applied: [] });
  write("0001_first.sql", "create table color (name text);\n");
  await expect(run()).rejects.toThrow(/0001_first\.sql has changed/);
});

test("an older build goes on with a newer schema, and says so, unless that is breaking", async () => {
  write("0001_first.sql", "create table colour (name text);");
  write("0002_more.sql", "-- Adds shapes.\ncreate table shape (name text);\n-- breaking");
  await run();
  rmSync(join(folder, "0002_more.sql"));
  const warned: object[] = [];
  const log = { ...silentLog, warn: (details: object) => warned.push(details) };
  expect(await migrate(used.database.pool, { folder, log })).toEqual({ applied: [] });
  expect(warned).toEqual([{ migration: "0002_more.sql" }]);
  write("0002_more.sql", "-- Adds shapes.\ncreate table shape (name text);\n-- breaking");
  write("0003_other.sql", "-- Renames colours.\n-- breaking\nalter table colour rename to tint;");
  await run();
  rmSync(join(folder, "0003_other.sql"));
  await expect(run()).rejects.toMatchObject({ code: "unavailable" });
  await expect(run()).rejects.toThrow(/newer Yardmaster \(migration 0003_other\.sql\)/);
});

test("a migration that would come before an applied one is refused", async () => {
  write("0002_second.sql", "create table colour (name text);");
  await run();
  write("0001_late.sql", "create table shape (name text);");
  await expect(run()).rejects.toThrow(/0001_late\.sql comes before 2/);
});

test("wrong names and doubled numbers are refused before anything runs", async () => {
  write("0001_first.sql", "create table colour (name text);");
  write("0001_twin.sql", "create table shape (name text);");
  await expect(run()).rejects.toThrow(/0001_first\.sql and 0001_twin\.sql have the same number/);
  rmSync(join(folder, "0001_twin.sql"));
  write("2-second.sql", "select 1;");
  await expect(run()).rejects.toThrow(/2-second\.sql must be named/);
});
