import type { Task } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aRun, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer, wireProblem } from "../testing/wire-server.ts";

const NIGHTLY: Task = {
  id: RUN_ID,
  ref: "mine.nightly",
  title: "Nightly report",
  description: "Writes it.",
  created_by: "pack:mine",
  schedule_kind: "cron",
  schedule_expr: "30 2 * * *",
  timezone: "Europe/Berlin",
  dtstart: "2026-01-01T00:00:00.000Z",
  ends_at: null,
  dst_gap: "shift",
  dst_overlap: "first",
  payload: { workflow: "mine.report", input: null },
  misfire_policy: "run_once",
  misfire_grace_seconds: 60,
  catchup_limit: 100,
  status: "active",
  status_by: null,
  status_since: "2026-01-01T00:00:00.000Z",
  resume_at: null,
  next_run: "2026-01-01T01:30:00.000Z",
  snoozed_until: null,
  last_run: "2026-01-01T00:59:00.000Z",
  last_run_id: RUN_ID,
  last_run_status: "failed",
  run_count: 7,
  missed_count: 2,
  failures: 0,
  last_error: null,
  version: 1,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
};
const OWN: Task = {
  ...NIGHTLY,
  ref: null,
  title: "By hand\u001b[2J",
  schedule_kind: "manual",
  schedule_expr: "",
  timezone: "UTC",
  status: "paused",
  status_by: "token:admin",
  next_run: null,
  last_run: null,
  last_run_status: null,
  run_count: 0,
};

test("lists tasks with their schedules and when they are due", async () => {
  const { env } = await startWireServer({ "GET /v1/tasks": { json: [NIGHTLY, OWN] } });
  const { exitCode, stdout } = await callYard(["tasks"], { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /mine\.nightly +active +30 2 \* \* \* Europe\/Berlin +in 30 min +failed 1 min ago +7 +Nightly report/,
  );
  expect(stdout).toMatch(/paused +by hand/);
  expect(stdout).not.toContain("\u001b[2J");
});

test("shows a task with all that there is to know of it", async () => {
  const { env } = await startWireServer({ "GET /v1/tasks/mine.nightly": { json: NIGHTLY } });
  const { stdout } = await callYard(["tasks", "show", "mine.nightly"], { env });
  expect(stdout).toContain("Nightly report  active  Writes it.");
  expect(stdout).toContain(
    "next run  2026-01-01T01:30:00.000Z (in 30 min), 2026-01-01 02:30:00 Europe/Berlin",
  );
  expect(stdout).toContain("missed    2 (misfire run_once)");
});

test("makes a task of what the options say, and shows its next times", async () => {
  const preview = { times: ["2026-01-01T01:30:00.000Z"], warnings: ["odd"], input: { n: 2 } };
  const { env, requests } = await startWireServer({
    "POST /v1/tasks": { json: { ...NIGHTLY, preview } },
  });
  const words = [
    "--run",
    "mine.report",
    "--cron",
    "30 2 * * *",
    "--timezone",
    "Europe/Berlin",
    "--misfire-grace",
    "5",
  ];
  const { exitCode, stdout } = await callYard(["tasks", "create", "Nightly", "n=2", ...words], {
    env,
  });
  expect(exitCode).toBe(0);
  expect(requests[0]?.body).toEqual({
    ...{ title: "Nightly", schedule_kind: "cron", schedule_expr: "30 2 * * *" },
    ...{ timezone: "Europe/Berlin", misfire_grace_seconds: 5 },
    payload: { workflow: "mine.report", input: { n: 2 } },
  });
  expect(stdout).toContain("! odd");
  expect(stdout).toContain('input of the first: {"n":2}');
});

test("changes what the options say of a task, and of the version that was read alone", async () => {
  const own = { ...OWN, payload: { workflow: "mine.report", input: { n: 1 } } };
  const { env, requests } = await startWireServer({
    [`GET /v1/tasks/${RUN_ID}`]: { json: own },
    [`PATCH /v1/tasks/${RUN_ID}`]: { json: { ...own, version: 2 } },
  });
  const update = (...words: string[]) => callYard(["tasks", "update", RUN_ID, ...words], { env });
  for (const [words, body] of [
    [
      ["--every", "2h", "--ends-at", "never"],
      { schedule_kind: "interval", schedule_expr: "2h", ends_at: null },
    ],
    [
      ["--title", "New", "--run", "mine.other"],
      { title: "New", payload: { workflow: "mine.other", input: { n: 1 } } },
    ],
    [["n=2"], { payload: { workflow: "mine.report", input: { n: 2 } } }],
  ] as const) {
    expect((await update(...words)).exitCode).toBe(0);
    expect(requests.at(-1)?.body).toEqual(body);
    expect(requests.at(-1)?.headers["if-match"]).toBe('"1"');
  }
  const { exitCode, stderr } = await update();
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Say what is to change")]);
});

test("lists the runs that a task has started", async () => {
  const { env } = await startWireServer({ "GET /v1/tasks/a.b/runs": { json: [aRun()] } });
  const { stdout } = await callYard(["tasks", "runs", "a.b"], { env });
  expect(stdout).toContain(RUN_ID);
});

test("previews a task by the clock of its zone, and says whether a time is one of its", async () => {
  const preview = { times: ["2026-07-01T00:30:00.000Z"], warnings: [], input: null, matches: true };
  const { env, requests } = await startWireServer({
    "GET /v1/tasks/mine.nightly/preview": { json: preview },
    "GET /v1/tasks/mine.nightly": { json: NIGHTLY },
  });
  const words = ["tasks", "preview", "mine.nightly", "--matches", "2026-07-01T00:30:00Z"];
  const { stdout } = await callYard(words, { env });
  expect(stdout).toContain("2026-07-01T00:30:00.000Z  2026-07-01 02:30:00 Europe/Berlin");
  expect(stdout).toContain("It is due at that time.");
  expect(requests.map(({ path }) => path).join()).toContain("at=2026-07-01T00%3A30%3A00Z");
});

test("says what is missing of a task before it asks", async () => {
  const { env, requests } = await startWireServer({});
  for (const words of [
    ["--run", "a.b"],
    ["--cron", "x"],
    ["--run", "a.b", "--cron", "x", "--every", "1s"],
  ])
    expect((await callYard(["tasks", "create", "x", ...words], { env })).exitCode).toBe(2);
  expect((await callYard(["tasks", "snooze", "a.b"], { env })).stderr).toContain("Say by how much");
  for (const [words, said] of [
    [
      ["create", "x", "--run", "a.b", "--cron", "x", "--every", "1s"],
      "--cron and --every were given",
    ],
    [["preview", "a.b", "--cron", "x"], "not both"],
    [["snooze", "a.b", "8d"], "7 days at most"],
  ] as const)
    expect((await callYard(["tasks", ...words], { env })).stderr).toContain(said);
  expect(requests).toEqual([]);
});

test("says what the API refuses of the options that gave it", async () => {
  const errors = [
    { path: "/schedule_expr", message: "the time has passed", hint: "say allow_past: true" },
    { path: "/misfire_policy", message: "is none of these" },
  ];
  const { env } = await startWireServer({
    "POST /v1/tasks": wireProblem(
      422,
      "invalid_task",
      "/schedule_expr: the time has passed",
      errors,
    ),
  });
  const words = ["--run", "a.b", "--at", "2020-01-01", "--misfire", "x"];
  const { stderr } = await callYard(["tasks", "create", "x", ...words], { env });
  expect(stderr).toContain("--at: the time has passed");
  expect(stderr).toContain("--misfire");
  expect(stderr).toContain("say --allow-past");
  expect(stderr).not.toMatch(/schedule_expr|misfire_policy|allow_past/);
});

test.each([
  [["run-now", "a.b", "--reason", "r"], "run_now", { reason: "r" }],
  [["snooze", "a.b", "2h"], "snooze", { delay_seconds: 7_200 }],
  [["pause", "a.b", "--until", "2026-01-02T00:00:00Z"], "pause", { until: "2026-01-02T00:00:00Z" }],
  [["cancel", "a.b", "--abort"], "cancel", { running: "abort" }],
])("says %j to the server, and its answer", async (words, verb, body) => {
  const answer = { json: { success: true, message: "So it is." } };
  const { env, requests } = await startWireServer({ [`POST /v1/tasks/a.b/${verb}`]: answer });
  const { stdout } = await callYard(["tasks", ...words], { env });
  expect(stdout).toBe("So it is.\n");
  expect(requests[0]?.body).toEqual(body);
});

test("explains a task by its name", async () => {
  const gone = wireProblem(404, "not_found", "There is none.");
  const { env } = await startWireServer({
    "GET /v1/rules/mine.nightly/explain": gone,
    "GET /v1/sensors/mine.nightly/explain": gone,
    "GET /v1/tasks/mine.nightly/explain": {
      json: {
        ref: "mine.nightly",
        status: "paused",
        summary: "paused: it is due at no time",
        chain: ["since noon"],
        unblock: ["yard tasks resume mine.nightly"],
      },
    },
  });
  const { stdout } = await callYard(["explain", "mine.nightly"], { env });
  expect(stdout).toContain("paused: it is due at no time");
  expect(stdout).toContain("yard tasks resume mine.nightly");
});
