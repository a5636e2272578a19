import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { startTasks, type TestTasks, task } from "./tasks.fixture.ts";

/** So long that six of ten minutes were due, and none is just now. */
const DOWN = 65 * 60_000;

let db: TestDatabase;
let tasks: TestTasks | undefined;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await tasks?.close();
  await db.drop();
});

async function start(
  files: Record<string, string>,
  options: { readonly isStarted?: boolean } = {},
): Promise<TestTasks> {
  tasks = await startTasks(db.url, { files, ...options });
  return tasks;
}

/** Lets the clock of the database be set back, for connections that are opened from now on. */
async function clockOf({ database: { pool } }: TestDatabase) {
  await pool.query(`CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.behind (span interval);
    INSERT INTO test_clock.behind VALUES ('0');
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
      'SELECT pg_catalog.clock_timestamp() - span FROM test_clock.behind'`);
  const { rows } = await pool.query<{ name: string }>("SELECT current_database() AS name");
  await pool.query(
    `ALTER DATABASE "${rows[0]?.name}" SET search_path = test_clock, pg_catalog, public`,
  );
  return async (span: string): Promise<void> => {
    await pool.query("UPDATE test_clock.behind SET span = $1::interval", [span]);
  };
}

describe("a task of a pack", () => {
  it("fires when it is due: event, decision, run and the next time in one", async () => {
    const t = await start(
      task("{ every: 1s }", 'run: core.echo\nwith: { at: "${{ event.data.scheduled_for }}" }\n'),
    );
    await expect.poll(async () => (await t.row("t.t")).run_count).toBeGreaterThan(1);
    const [fire] = await t.fires("t.t");
    expect(fire).toMatchObject({
      ...{ type: "schedule.due", status: "matched", reason: null },
      data: { task: "t.t", title: "t.t", coalesced: 0, reason: "schedule" },
    });
    const run = await t.test.engine.waitForEnd(fire?.run_id ?? "", 10_000);
    expect(run).toMatchObject({
      ...{ status: "success", created_by: "task:t.t", rule: null },
      input: { at: fire?.data["scheduled_for"] },
    });
    const row = await t.row("t.t");
    expect(Date.parse(row.next_run ?? "") % 1_000).toBe(0);
    expect(Date.parse(row.next_run ?? "")).toBeGreaterThan(Date.parse(row.last_run ?? "") - 1_000);
  });

  it("is written once for each time, with as many schedulers as there are", async () => {
    const t = await start(task("{ every: 1s }"));
    await Promise.all([t.another().begin(), t.another().begin()]);
    await expect.poll(async () => (await t.row("t.t")).run_count).toBeGreaterThan(2);
    const times = (await t.fires("t.t")).map(({ data }) => data["scheduled_for"]);
    expect(new Set(times).size).toBe(times.length);
    expect(times).toHaveLength((await t.row("t.t")).run_count);
  });

  it("that is due once is completed by its fire, and is so in the audit with it", async () => {
    const at = new Date(Date.now() + 3_000).toISOString();
    const t = await start(task(`{ at: "${at}" }`));
    await expect.poll(async () => (await t.row("t.t")).status).toBe("completed");
    expect(await t.audited()).toEqual([["system", "task.completed", "t.t"]]);
    expect(await t.row("t.t")).toMatchObject({ next_run: null, run_count: 1 });
    expect((await t.fires("t.t")).map(({ data }) => data["scheduled_for"])).toEqual([at]);
  });

  it("whose time had passed when it was taken up says that it was never due", async () => {
    const t = await start(task("{ at: 2020-01-01T08:00 }"));
    expect((await t.tasks.explain("t.t")).summary).toContain("it was never due");
  });

  it("is due by its new schedule as soon as its file is edited, and not at all once the file is gone", async () => {
    const t = await start(task('{ cron: "0 0 1 1 *" }'));
    const before = await t.row("t.t");
    expect(before.next_run).toMatch(/-01-01T00:00:00.000Z$/);
    const [[path, text] = []] = Object.entries(task("{ every: 1s }"));
    writeFileSync(join(t.packFolder, path ?? ""), text ?? "");
    await t.packs.reload();
    await expect.poll(async () => (await t.row("t.t")).run_count).toBeGreaterThan(0);
    expect((await t.row("t.t")).id).toBe(before.id);
    writeFileSync(
      join(t.packFolder, path ?? ""),
      (text ?? "").replace("task: t.t", "task: t.other"),
    );
    await t.packs.reload();
    await expect.poll(async () => (await t.row("t.t")).withdrawn).toBe(true);
    expect((await t.row("t.t")).next_run).toBeNull();
    writeFileSync(join(t.packFolder, path ?? ""), text ?? "");
    await t.packs.reload();
    await expect.poll(async () => (await t.row("t.t")).next_run).not.toBeNull();
  });

  it("keeps its time over a restart", async () => {
    const t = await start(task('{ cron: "0 0 1 1 *" }'));
    const before = await t.row("t.t");
    await t.running.close();
    await t.another().begin();
    expect(await t.row("t.t")).toEqual(before);
  });

  it("is due anew where the rules of time zones have changed since, but for what somebody has put off", async () => {
    const t = await start(task('{ cron: "0 0 1 1 *", timezone: Europe/Berlin }'));
    const { next_run } = await t.row("t.t");
    const wrong = `UPDATE tasks SET zone_rules = 'older', next_run = next_run + interval '1 hour'`;
    await t.database.pool.query(wrong);
    await t.another().begin();
    expect(await t.row("t.t")).toMatchObject({ next_run, zone_rules: process.versions["tz"] });
    await t.tasks.snooze("t.t", "token:one", { delay_seconds: 60 });
    const { next_run: later } = await t.row("t.t");
    await t.database.pool.query("UPDATE tasks SET zone_rules = 'older'");
    await t.another().begin();
    expect(await t.row("t.t")).toMatchObject({
      next_run: later,
      zone_rules: process.versions["tz"],
    });
  });

  it("costs a scheduler no query until it is due", async () => {
    // So long that a look in every second would be seen.
    const at = Date.now() + 6_000;
    const t = await start(task(`{ at: "${new Date(at).toISOString()}" }`), { isStarted: false });
    const asked: string[] = [];
    const { pool } = t.database;
    const query = ((said: { readonly name?: string }) => {
      asked.push(said.name ?? JSON.stringify(said));
      return pool.query(said as never);
    }) as typeof pool.query;
    await t.another({ query } as typeof pool).begin();
    await expect
      .poll(async () => (await t.row("t.t")).status, { timeout: 20_000 })
      .toBe("completed");
    const looks = asked.filter((name) => name === "tasks_claim_due").length;
    expect(asked.filter((name) => !name.startsWith("tasks_"))).toEqual([]);
    // One at its beginning, and one when the task is due; a timer may be early by a millisecond.
    expect(looks).toBeGreaterThanOrEqual(2);
    expect(looks).toBeLessThanOrEqual(3);
  });

  it("fires no time twice, and none early, where the clock of the database is set back", async () => {
    const setBack = await clockOf(db);
    const t = await start(task("{ every: 1s }"));
    await expect.poll(async () => (await t.row("t.t")).run_count).toBeGreaterThan(2);
    await setBack("3 seconds");
    const before = (await t.fires("t.t")).length;
    await expect
      .poll(async () => (await t.fires("t.t")).length, { timeout: 20_000 })
      .toBeGreaterThan(before + 2);
    const { run_count, last_run, next_run } = await t.row("t.t");
    expect(Date.parse(last_run ?? "")).toBeGreaterThanOrEqual(Date.parse(next_run ?? "") - 1_000);
    const times = (await t.fires("t.t")).map(({ data }) => String(data["scheduled_for"]));
    expect(new Set(times).size).toBe(times.length);
    expect(times).toEqual(times.toSorted());
    expect(run_count).toBeLessThanOrEqual(times.length);
  });

  it("tells what kept it from making a run, and goes on", async () => {
    const t = await start(
      task(
        "{ every: 1s }",
        'run: core.log\nwith: { text: "${{ string(1 / (event.data.coalesced)) }}" }\n',
      ),
    );
    await expect.poll(async () => (await t.row("t.t")).failures).toBeGreaterThan(1);
    expect(await t.row("t.t")).toMatchObject({
      run_count: 0,
      last_error: expect.stringContaining("with:"),
    });
    expect((await t.fires("t.t"))[0]).toMatchObject({ status: "error", run_id: null });
  });
});

describe("what nobody was there for", () => {
  it("is one run for the latest with run_once, which says how many it stands for", async () => {
    const t = await start(task("{ every: 10m }"));
    await t.letPass("t.t", DOWN);
    await expect.poll(async () => (await t.row("t.t")).run_count).toBe(1);
    const row = await t.row("t.t");
    expect(await t.fires("t.t")).toMatchObject([
      {
        type: "schedule.due",
        status: "matched",
        data: { coalesced: row.missed_count, reason: "misfire" },
      },
    ]);
    expect(row.missed_count).toBe(5);
    expect(Date.parse(row.next_run ?? "")).toBeGreaterThan(Date.now());
  });

  it("is a decision that counts them with skip", async () => {
    const t = await start(task("{ every: 10m }", "run: core.noop\nmisfire: skip\n"));
    await t.letPass("t.t", DOWN);
    await expect.poll(async () => (await t.row("t.t")).missed_count).toBe(6);
    expect(await t.fires("t.t")).toMatchObject([
      {
        ...{ type: "schedule.missed", status: "held", run_id: null },
        reason: expect.stringMatching(/^missed: 6 fires from .* to .*, and its misfire says skip$/),
        data: { count: 6, policy: "skip" },
      },
    ]);
  });

  it("is a run for each of the latest, up to the limit, with run_all", async () => {
    const more = "run: core.noop\nmisfire: run_all\ncatchup_limit: 4\n";
    const t = await start(task("{ every: 10m }", more));
    await t.letPass("t.t", DOWN);
    await expect.poll(async () => (await t.row("t.t")).run_count).toBe(4);
    const fires = await t.fires("t.t");
    expect(fires.map(({ status, data }) => [status, data["reason"]])).toEqual([
      ["held", undefined],
      ["matched", "catchup"],
      ["matched", "catchup"],
      ["matched", "catchup"],
      ["matched", "catchup"],
    ]);
    const times = fires.slice(1).map(({ data }) => data["scheduled_for"]);
    expect(times).toEqual(times.toSorted());
    expect(fires[0]?.data).toMatchObject({ count: 2, policy: "run_all" });
  });
});
