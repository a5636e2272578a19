import { expect, test } from "vitest";
import { good, problemsOf } from "./compile.fixture.ts";

const WORKFLOW = {
  "workflows/w.yaml":
    "workflow: p.w\ninput: { day: timestamp!, n: integer }\nsteps: [{ id: a, uses: core.noop }]\n",
};

const task = (text: string) => ({ ...WORKFLOW, "tasks/t.yaml": `task: p.t\n${text}` });
/** What is wrong with the task. */
const wrong = (text: string): string[] => problemsOf(task(text));

const RUN = 'run: p.w\nwith: { day: "${{ event.data.scheduled_for }}" }\n';

test("a task says when, what, and what becomes of missed fires", () => {
  const { tasks } = good(
    task(
      `title: Morning\ndescription: Says it.\nschedule: { cron: "30 8 * * MON-FRI", timezone: Europe/Berlin, dst_gap: skip }\n${RUN}misfire: run_all\nmisfire_grace: 5m\ncatchup_limit: 3\n`,
    ),
  );
  expect(tasks).toMatchObject([
    {
      ...{ ref: "p.t", title: "Morning", description: "Says it.", run: "p.w" },
      schedule: {
        ...{ kind: "cron", expr: "30 8 * * MON-FRI", timezone: "Europe/Berlin" },
        ...{ dstGap: "skip", dstOverlap: "first" },
      },
      misfire: { policy: "run_all", graceMs: 300_000, limit: 3 },
    },
  ]);
});

test("each form of a schedule is taken", () => {
  for (const form of [
    '{ cron: "@daily" }',
    "{ rrule: FREQ=DAILY;COUNT=3, dtstart: 2026-03-01T08:00 }",
    "{ every: 90s, ends_at: 2030-01-01 }",
    '{ at: "2030-01-01T08:00:00" }',
  ])
    expect(wrong(`schedule: ${form}\n${RUN}`)).toEqual([]);
});

test.each([
  ["run: core.noop\n", 'a task needs "schedule"'],
  [
    "schedule: { cron: nonsense }\nrun: core.noop\n",
    "tasks/t.yaml:2:19: cron: a cron expression has five fields",
  ],
  ['schedule: { cron: "0 0 31 2 *" }\nrun: core.noop\n', "cron: it never happens"],
  ["schedule: { every: 90 }\nrun: core.noop\n", "every must be text"],
  ["schedule: { every: 1h, at: 2030-01-01 }\nrun: core.noop\n", "schedule says both every and at"],
  ["schedule: { timezone: UTC }\nrun: core.noop\n", "schedule does not say when"],
  ['schedule: "@daily"\nrun: core.noop\n', "schedule must be a map"],
  [
    'schedule: { cron: "@daily", timezone: Mars/Base }\nrun: core.noop\n',
    "timezone: there is no time zone",
  ],
  [
    'schedule: { cron: "@daily", dst_gap: jump }\nrun: core.noop\n',
    "dst_gap must be one of shift, skip",
  ],
  [
    "schedule: { every: 1h, dst_gap: skip }\nrun: core.noop\n",
    "tasks/t.yaml:2:24: dst_gap has no effect with every",
  ],
  [
    "schedule: { at: 2090-01-01, dtstart: 2080-01-01 }\nrun: core.noop\n",
    "dtstart has no effect with at",
  ],
  ['schedule: { cron: "@daily" }\nrun: p.gone\n', 'there is no action or workflow "p.gone"'],
  ['schedule: { cron: "@daily" }\nrun: p.w\n', "with.day does not fit p.w: it is required"],
  [
    'schedule: { cron: "@daily" }\nrun: p.w\nwith: { day: "${{ event.data.when }}" }\n',
    "event.data has no field when",
  ],
  [
    'schedule: { cron: "@daily" }\nrun: p.w\nwith: { day: "${{ event.data.scheduled_for }}", n: "${{ event.data.title }}" }\n',
    "with.n does not fit p.w",
  ],
  [
    `schedule: { cron: "@daily" }\n${RUN}misfire: later\n`,
    "misfire must be one of run_once, skip, run_all",
  ],
  [
    `schedule: { cron: "@daily" }\n${RUN}misfire_grace: 0s\n`,
    "misfire_grace must be from 1s to 30d",
  ],
  [`schedule: { cron: "@daily" }\n${RUN}priority: 3\n`, "write `priority` at the workflow's steps"],
  [`cron: "@daily"\n${RUN}`, "write `schedule: { cron: … }`"],
])("%j is refused with the place and the way out", (text, message) => {
  expect(wrong(text).join("\n")).toContain(message);
});

test("rules may listen to the events of tasks, and to none that nothing sends", () => {
  const on = (type: string) =>
    problemsOf({ "rules/r.yaml": `rule: p.r\non: ${type}\nrun: core.noop\n` });
  expect(on("schedule.due")).toEqual([]);
  expect(on("schedule.*")).toEqual([]);
  expect(on("schedule.deu").join()).toContain("did you mean schedule.due");
});

test("a schedule in a rule or a workflow is pointed to where it belongs", () => {
  const files = { "rules/r.yaml": "rule: p.r\non: a.b\nrun: core.noop\nschedule: daily\n" };
  expect(problemsOf(files).join()).toContain("write a task: tasks/NAME.yaml");
});
