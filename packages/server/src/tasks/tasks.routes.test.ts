import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { Http } from "../http/index.ts";
import { startTasks, type TestTasks, task } from "./tasks.fixture.ts";
import { taskRoutes } from "./tasks.routes.ts";

const WORKFLOW = {
  "workflows/report.yaml":
    "workflow: t.report\ninput: { day: timestamp!, n: integer }\nsteps: [{ id: a, uses: core.noop }]\n",
};

let db: TestDatabase;
let t: TestTasks;
let http: Http;
let url = "";
let scopes: readonly string[] = ["admin"];

beforeAll(async () => {
  db = await createTestDatabase();
  t = await startTasks(db.url, { files: { ...WORKFLOW, ...task('{ cron: "0 0 1 1 *" }') } });
  const authenticate = () => ({ ...ADMIN, scopes: scopes as typeof ADMIN.scopes });
  http = serveRoutes(taskRoutes(t.tasks), { authenticate }).http;
  ({ url } = await http.listen("127.0.0.1", 0));
});
beforeEach(() => {
  scopes = ["admin"];
});
afterAll(async () => {
  await http?.close();
  await t?.close();
  await db?.drop();
});

async function ask(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/v1/tasks${path}`, {
    method,
    headers: { authorization: "Bearer one", "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
  const told = (response.status === 204 ? undefined : await response.json()) as any;
  return { status: response.status, etag: response.headers.get("etag"), body: told };
}

const NOOP = { workflow: "core.noop" };
const YEARLY = {
  title: "Yearly",
  schedule_kind: "cron",
  schedule_expr: "0 0 1 1 *",
  payload: NOOP,
};

async function make(more: object = {}) {
  const made = await ask("POST", "", { ...YEARLY, ...more });
  expect(made.status).toBe(201);
  return made.body;
}

describe("making a task", () => {
  it("answers with the task, its version and its next times", async () => {
    const { status, etag, body } = await ask("POST", "", {
      ...{ title: "Report", description: "Says it.", schedule_kind: "rrule" },
      schedule_expr: "FREQ=WEEKLY;BYDAY=MO;BYHOUR=8;BYMINUTE=30;BYSECOND=0",
      timezone: "Europe/Chisinau",
      dtstart: "2026-03-01T00:00",
      payload: { workflow: "t.report", input: { day: "${{ event.data.scheduled_for }}", n: 2 } },
      misfire_policy: "skip",
      misfire_grace_seconds: 5,
    });
    expect([status, etag]).toEqual([201, '"1"']);
    expect(body).toMatchObject({
      ...{ ref: null, title: "Report", created_by: "token:one", status: "active", version: 1 },
      ...{ dtstart: "2026-02-28T22:00:00.000Z", misfire_policy: "skip", run_count: 0 },
      payload: { workflow: "t.report", input: { n: 2 } },
    });
    expect(body.preview.times).toHaveLength(5);
    expect(body.preview.times[0]).toBe(body.next_run);
    expect(body.preview.input).toEqual({ day: body.next_run, n: 2 });
    expect((await ask("GET", `/${body.id}`)).body).toMatchObject({ id: body.id, title: "Report" });
  });

  it.each([
    [{ schedule_expr: "61 * * * *" }, "/schedule_expr", "out of range"],
    [{ timezone: "Mars/Base" }, "/timezone", "no time zone"],
    [{ dtstart: "soon" }, "/dtstart", "no time"],
    [{ ends_at: "2020-01-01" }, "/ends_at", "nothing happens before it"],
    [{ schedule_kind: "once", schedule_expr: "2020-01-01" }, "/schedule_expr", "has passed"],
    [{ payload: { workflow: "t.reprt" } }, "/payload/workflow", "no workflow or action"],
    [{ payload: { workflow: "t.report" } }, "/payload/input/day", "required"],
    [
      { payload: { workflow: "t.report", input: { day: "${{ event.data.no }}" } } },
      "/payload/input/day",
      "no field no",
    ],
    [
      {
        payload: {
          workflow: "t.report",
          input: { day: "${{ event.data.title }}", n: "${{ event.data.title }}" },
        },
      },
      "/payload/input/n",
      "expected",
    ],
    [{ payload: { ...NOOP, pipeline: [] } }, "/payload/pipeline", "has no effect"],
    [{ priority: 3 }, "/priority", "has no effect"],
    [{ max_retries: 3 }, "/max_retries", "has no effect"],
    [{ concurrency_key: "a" }, "/concurrency_key", "has no effect"],
    [{ next_run: "2027-01-01" }, "/next_run", "read only"],
    [{ fancy: true }, "/fancy", "has no effect"],
    [{ allow_past: true }, "/allow_past", "has no effect with schedule_kind cron"],
    [
      { schedule_kind: "interval", schedule_expr: "1h", dst_gap: "skip" },
      "/dst_gap",
      "has no effect with schedule_kind interval",
    ],
    [
      { schedule_kind: "manual", schedule_expr: "", timezone: "Europe/Berlin" },
      "/timezone",
      "has no effect with schedule_kind manual",
    ],
    [
      { schedule_kind: "once", schedule_expr: "2099-01-01", dtstart: "2027-01-01" },
      "/dtstart",
      "has no effect with schedule_kind once",
    ],
    [
      { schedule_kind: "rrule", schedule_expr: "FREQ=DAILY;COUNT=1" },
      "/schedule_expr",
      "give dtstart",
    ],
    [
      {
        ...{ schedule_kind: "rrule", dtstart: "2020-01-01" },
        schedule_expr: "FREQ=DAILY;UNTIL=20200301",
      },
      "/schedule_expr",
      "the last of its times has passed",
    ],
    [
      {
        ...{ schedule_kind: "interval", schedule_expr: "1h", dtstart: "2098-12-31T23:00" },
        ends_at: "2098-12-31T22:59",
      },
      "/ends_at",
      "nothing happens before it",
    ],
    [
      { schedule_kind: "once", schedule_expr: "2099-01-01", ends_at: "2098-01-01" },
      "/ends_at",
      "before the first time that is left: 2099-01-01T00:00:00.000Z",
    ],
  ])("%j is refused by its name, with the way out", async (wrong, path, message) => {
    const { status, body } = await ask("POST", "", { ...YEARLY, ...wrong });
    expect([status, body.code]).toEqual([422, "invalid_task"]);
    const places = body.errors.map((error: { path: string }) => error.path);
    expect(places).toContain(path);
    expect(JSON.stringify(body.errors)).toContain(message);
  });

  it("runs a time that has passed at once where that is allowed", async () => {
    const { id } = await make({
      schedule_kind: "once",
      schedule_expr: "2020-01-01",
      allow_past: true,
    });
    await expect.poll(async () => (await ask("GET", `/${id}`)).body.status).toBe("completed");
    expect((await t.fires(id)).map(({ status }) => status)).toEqual(["matched"]);
  });

  it("for somebody else needs the scope admin", async () => {
    scopes = ["tasks:create"];
    const refused = await ask("POST", "", { ...YEARLY, created_by: "two" });
    expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
    scopes = ["admin"];
    const made = await make({ created_by: "two" });
    expect(made).toMatchObject({ created_by: "token:two" });
    expect(await t.audited()).toContainEqual([`token:${ADMIN.name}`, "task.created", made.id]);
    expect(await make({ created_by: "pack:t" })).toMatchObject({ created_by: "token:pack:t" });
  });
});

it("a grace of nothing, with which every fire would be a missed one, is refused with the reason", async () => {
  const { id } = await make();
  for (const [method, path] of [
    ["POST", ""],
    ["PATCH", `/${id}`],
  ] as const) {
    const { status, body } = await ask(method, path, { ...YEARLY, misfire_grace_seconds: 0 });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("each fire comes some milliseconds late");
  }
});

describe("changing a task", () => {
  it("takes the expression with the kind: a manual one has none, another needs its own", async () => {
    const { id } = await make();
    const other = await ask("PATCH", `/${id}`, { schedule_kind: "interval" });
    expect([other.status, other.body.errors[0].path]).toEqual([422, "/schedule_expr"]);
    const manual = await ask("PATCH", `/${id}`, { schedule_kind: "manual" });
    expect(manual.body).toMatchObject({ schedule_kind: "manual", schedule_expr: "" });
  });

  it("is due by the new schedule at once, and told from an old version", async () => {
    const { id, next_run } = await make();
    const changed = await ask(
      "PATCH",
      `/${id}`,
      { schedule_expr: "0 12 1 1 *" },
      { "if-match": '"1"' },
    );
    expect(changed).toMatchObject({ status: 200, etag: '"2"', body: { title: "Yearly" } });
    expect(changed.body.next_run).toBe(next_run.replace("T00", "T12"));
    const stale = await ask("PATCH", `/${id}`, { title: "x" }, { "if-match": '"1"' });
    expect([stale.status, stale.body.code]).toEqual([412, "stale_version"]);
    const put = await ask("PUT", `/${id}`, {
      ...YEARLY,
      title: "All",
      schedule_kind: "interval",
      schedule_expr: "1s",
    });
    expect(put.body).toMatchObject({ title: "All", schedule_kind: "interval", version: 3 });
    await expect.poll(async () => (await t.fires(id)).length).toBeGreaterThan(0);
    await ask("DELETE", `/${id}`);
  });

  it("is checked again as a whole", async () => {
    const { id } = await make();
    const wrong = await ask("PATCH", `/${id}`, { schedule_kind: "interval" });
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([422, "/schedule_expr"]);
    expect((await ask("PATCH", `/${id}`, { priority: 1 })).status).toBe(422);
    expect((await ask("GET", `/${id}`)).body).toMatchObject({ version: 1, schedule_kind: "cron" });
  });
});

describe("the verbs", () => {
  it("run_now starts a run beside the schedule", async () => {
    const { id, next_run } = await make();
    const { status, body } = await ask("POST", `/${id}/run_now`, { reason: "to see it" });
    expect([status, body.success]).toEqual([202, true]);
    await t.test.engine.waitForEnd(body.run_id, 10_000);
    expect((await ask("GET", `/${id}/runs`)).body).toMatchObject([
      { id: body.run_id, created_by: `task:${id}` },
    ]);
    expect((await ask("GET", `/${id}`)).body).toMatchObject({
      next_run,
      run_count: 1,
      last_run_id: body.run_id,
      last_run_status: "success",
    });
    expect((await t.fires(id))[0]?.data["reason"]).toBe("run_now: to see it");
  });

  it("run_now leaves no run where it cannot be in the audit", async () => {
    const { id } = await make();
    const { pool } = t.database;
    const gone = await pool.query(
      "DELETE FROM audit_marks WHERE name = 'head' RETURNING seq, hash",
    );
    try {
      expect((await ask("POST", `/${id}/run_now`, {})).status).toBe(500);
      expect(await t.fires(id)).toEqual([]);
      expect((await ask("GET", `/${id}`)).body).toMatchObject({ run_count: 0 });
    } finally {
      const { seq, hash } = gone.rows[0];
      await pool.query("INSERT INTO audit_marks (name, seq, hash) VALUES ('head', $1, $2)", [
        seq,
        hash,
      ]);
    }
  });

  it("run_now that makes no run is in the audit with what kept it", async () => {
    const { id } = await make({
      payload: { workflow: "core.log", input: { text: "${{ string(1 / event.data.coalesced) }}" } },
    });
    expect((await ask("POST", `/${id}/run_now`, { reason: "to see" })).status).toBe(409);
    const { rows } = await t.database.pool.query(
      "SELECT status, details FROM audit_entries WHERE node = $1 AND action = 'task.run_now'",
      [id],
    );
    expect(rows).toMatchObject([
      {
        status: "error",
        details: { run_id: null, reason: "to see", error: "with: 1 / 0: division by zero" },
      },
    ]);
  });

  it("snooze puts off the next fire, and not those behind it", async () => {
    const { id, next_run } = await make();
    const later = new Date(Date.parse(next_run) + 3_600_000).toISOString();
    const { body } = await ask("POST", `/${id}/snooze`, { delay_seconds: 3_600 });
    expect(body).toMatchObject({ previous_next_run: next_run, new_next_run: later });
    const { times } = (await ask("GET", `/${id}/preview?count=2`)).body;
    expect(times[0]).toBe(later);
    expect(times[1]).toMatch(/-01-01T00:00:00.000Z$/);
    expect((await ask("GET", `/${id}`)).body).toMatchObject({
      snoozed_until: later,
      next_run: later,
    });
    const tooFar = await ask("POST", `/${id}/snooze`, { delay_seconds: 604_800 });
    expect([tooFar.status, tooFar.body.code]).toEqual([422, "invalid_task"]);
  });

  it("pause and resume may be said twice, and a pause ends by itself when it is told to", async () => {
    const { id, next_run } = await make();
    for (let i = 0; i < 2; i++) {
      const paused = await ask("POST", `/${id}/pause`, {});
      expect(paused.body).toMatchObject({ success: true, status: "paused" });
    }
    expect((await ask("GET", `/${id}`)).body).toMatchObject({
      next_run: null,
      status_by: "token:one",
      version: 2,
    });
    expect((await ask("POST", `/${id}/run_now`, {})).status).toBe(409);
    for (let i = 0; i < 2; i++)
      expect((await ask("POST", `/${id}/resume`)).body).toMatchObject({
        status: "active",
        next_run,
      });
    const until = new Date(Date.now() + 1_000).toISOString();
    await ask("POST", `/${id}/pause`, { until });
    await expect.poll(async () => (await ask("GET", `/${id}`)).body.status).toBe("active");
    expect((await ask("GET", `/${id}`)).body).toMatchObject({ next_run, resume_at: null });
  });

  it("none but delete is taken by a task that is over", async () => {
    const { id } = await make();
    expect((await ask("POST", `/${id}/cancel`, {})).body).toMatchObject({
      status: "canceled",
      removed_runs: 0,
    });
    for (const [method, path, body] of [
      ["PATCH", "", { title: "x" }],
      ["PUT", "", YEARLY],
      ["POST", "/run_now", {}],
      ["POST", "/snooze", { delay_seconds: 1 }],
      ["POST", "/pause", {}],
      ["POST", "/resume", undefined],
      ["POST", "/cancel", {}],
    ] as const) {
      const refused = await ask(method, `/${id}${path}`, body);
      expect([path, refused.status, refused.body.code]).toEqual([path, 409, "task_final"]);
    }
    expect((await ask("DELETE", `/${id}`)).status).toBe(204);
    expect((await ask("GET", `/${id}`)).status).toBe(404);
  });

  it("are in the audit, each with who did it", async () => {
    const { id } = await make();
    await ask("POST", `/${id}/pause`, {});
    await ask("POST", `/${id}/resume`);
    await ask("POST", `/${id}/snooze`, { delay_seconds: 60 });
    await ask("POST", `/${id}/run_now`, {});
    await ask("PATCH", `/${id}`, { title: "x" });
    await ask("POST", `/${id}/cancel`, {});
    await ask("DELETE", `/${id}`);
    const words = (await t.audited())
      .filter(([, , name]) => name === id)
      .map(([who, what]) => `${who} ${what}`);
    expect(words).toEqual(
      ["created", "paused", "resumed", "snoozed", "run_now", "updated", "canceled", "deleted"].map(
        (word) => `token:one task.${word}`,
      ),
    );
  });
});

describe("a task of a pack", () => {
  it("is in the same list, and is paused, resumed, put off and run, and not changed", async () => {
    const { body } = await ask("GET", "?q=t.t");
    expect(body).toMatchObject([
      { ref: "t.t", created_by: "pack:t", payload: { workflow: "core.noop", input: null } },
    ]);
    expect((await ask("POST", "/t.t/snooze", { delay_seconds: 1 })).status).toBe(200);
    expect((await ask("POST", "/t.t/run_now", {})).status).toBe(202);
    expect((await ask("POST", "/t.t/pause", {})).status).toBe(200);
    expect((await ask("GET", "/t.t/explain")).body).toMatchObject({
      status: "paused",
      unblock: ["yard tasks resume t.t"],
    });
    expect((await ask("POST", "/t.t/resume")).status).toBe(200);
    for (const [method, path, sent] of [
      ["PATCH", "", { title: "x" }],
      ["DELETE", "", undefined],
      ["POST", "/cancel", {}],
    ] as const)
      expect((await ask(method, `/t.t${path}`, sent)).body.code).toBe("conflict");
    expect((await ask("GET", "/t.tt")).body.detail).toContain("Did you mean t.t?");
  });
});

describe("a preview", () => {
  it("of a task that is not made says its times, its warnings, and whether it is due at a time", async () => {
    const { status, body } = await ask("POST", "/preview?count=3&at=2026-03-08T07:30:30Z", {
      ...YEARLY,
      ...{ schedule_expr: "30 2 * * *", timezone: "America/New_York" },
    });
    expect(status).toBe(200);
    expect(body.times).toHaveLength(3);
    expect(body.matches).toBe(true);
    expect(body.warnings.join()).toContain("dst_gap: shift");
    expect((await ask("POST", "/preview", { ...YEARLY, schedule_expr: "x" })).status).toBe(422);
  });
});

it("each route needs its scope", async () => {
  const { id } = await make();
  const needs = [
    ["GET", "", "tasks:read"],
    ["GET", `/${id}`, "tasks:read"],
    ["GET", `/${id}/runs`, "runs:read"],
    ["GET", `/${id}/preview`, "tasks:read"],
    ["GET", `/${id}/explain`, "tasks:read"],
    ["POST", "", "tasks:create"],
    ["PATCH", `/${id}`, "tasks:update"],
    ["PUT", `/${id}`, "tasks:update"],
    ["POST", `/${id}/pause`, "tasks:update"],
    ["POST", `/${id}/resume`, "tasks:update"],
    ["POST", `/${id}/snooze`, "tasks:update"],
    ["POST", `/${id}/cancel`, "tasks:update"],
    ["POST", `/${id}/run_now`, "tasks:run"],
    ["DELETE", `/${id}`, "tasks:delete"],
  ] as const;
  for (const [method, path, needed] of needs) {
    scopes = [
      "tasks:read",
      "tasks:create",
      "tasks:update",
      "tasks:delete",
      "tasks:run",
      "runs:read",
    ].filter((scope) => scope !== needed);
    const body = method === "POST" || method === "PATCH" || method === "PUT" ? {} : undefined;
    expect([
      method,
      path,
      (await ask(method, path, path.endsWith("resume") ? undefined : body)).status,
    ]).toEqual([method, path, 403]);
  }
});
