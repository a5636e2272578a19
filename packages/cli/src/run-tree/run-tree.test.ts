import { stripVTControlCharacters } from "node:util";
import type { Attempt, Run, Step, StepItem, Undo } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { paintFor } from "../output/paint.ts";
import { widthOf } from "../output/width.ts";
import { runChangeLines } from "./run-changes.ts";
import { runTreeLines } from "./run-tree.ts";

const START = "2026-01-01T00:00:00.000Z";
const NOW = Date.parse(START) + 3_200;
const at = (ms: number) => new Date(Date.parse(START) + ms).toISOString();

const aRun = (more: Partial<Run> = {}): Run => ({
  id: "0197a1b2-0000-7000-8000-000000000001",
  ref: "examples.greet",
  status: "running",
  reason: null,
  paused_by: null,
  input: {},
  output: null,
  outputs: {},
  error: null,
  created_at: START,
  finished_at: null,
  created_by: "token:admin",
  event_id: null,
  rule: null,
  retry_of: null,
  parent_id: null,
  pack_digest: null,
  traceparent: null,
  ...more,
});

const aStep = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  status: "queued",
  reason: null,
  uses: "core.echo",
  input: null,
  output: null,
  error: null,
  started_at: null,
  finished_at: null,
  attempts: [],
  items: null,
  ...more,
});

const anAttempt = (number: number, more: Partial<Attempt> = {}): Attempt => ({
  number,
  status: "running",
  worker: null,
  started_at: START,
  finished_at: null,
  error: null,
  ...more,
});

const anItem = (index: number, status: StepItem["status"], tries = 1): StepItem => ({
  index,
  status,
  output: null,
  error: null,
  attempts: Array.from({ length: tries }, (_, n) => anAttempt(n + 1)),
});

const done = { status: "success", started_at: START, finished_at: at(1_250) } as const;
const WIDE = { width: 200 };

test("draws the run, and each step with mark, action, time, items and attempts", () => {
  const steps = [
    aStep("fetch", done),
    aStep("each", {
      status: "running",
      started_at: at(1_250),
      items: [
        anItem(0, "success"),
        anItem(1, "failed", 3),
        anItem(2, "running"),
        anItem(3, "queued"),
      ],
    }),
    aStep("call", {
      status: "running",
      started_at: at(1_000),
      attempts: [anAttempt(1, { status: "lost" }), anAttempt(2)],
    }),
    aStep("ask", {
      status: "waiting",
      started_at: at(2_000),
      reason: "a timer until 00:05",
      uses: "core.sleep",
    }),
    aStep("last", { status: "skipped", started_at: at(2_000), finished_at: at(2_000) }),
  ];
  expect(runTreeLines(aRun(), steps, NOW, WIDE)).toEqual([
    "● examples.greet  0197a1b2-0000-7000-8000-000000000001  running 3.2s",
    "├ ✓ fetch  core.echo   1.2s",
    "├ ● each   core.echo   1.9s  2/4 items, 1 failed, 1 running, 1 queued  2 retries",
    "├ ● call   core.echo   2.2s  attempt 2 (1 lost)",
    "├ ◌ ask    core.sleep  1.2s  waiting  a timer until 00:05",
    "└ – last   core.echo   skipped",
  ]);
});

test("says what was taken over, how often a step went round, and what was undone", () => {
  const undo: Undo = {
    status: "success",
    uses: "core.log",
    input: null,
    error: null,
    attempts: [],
  };
  const error = { code: "action_failed", message: "stuck" } as const;
  const steps = [
    aStep("old", { ...done, started_at: null, reused: true }),
    aStep("loop", { ...done, rounds: [anItem(0, "success"), anItem(1, "success")] }),
    aStep("each", {
      ...done,
      items: [{ ...anItem(0, "success"), reused: true }, anItem(1, "success")],
    }),
    aStep("made", { ...done, undo }),
    aStep("kept", { ...done, undo: { ...undo, status: "failed", error } }),
  ];
  expect(runTreeLines(aRun(), steps, NOW, WIDE).slice(1)).toEqual([
    "├ ✓ old   core.echo  reused",
    "├ ✓ loop  core.echo  1.2s  2 rounds",
    "├ ✓ each  core.echo  1.2s  2 items, 1 reused",
    "├ ✓ made  core.echo  1.2s  undone",
    "└ ✓ kept  core.echo  1.2s  could not be undone: stuck",
  ]);
});

test("names the run that a step was, in the tree and in single lines", () => {
  const attempts = [anAttempt(1, { status: "success", run: "r1" })];
  const steps = [aStep("call", { status: "success", attempts })];
  const [, line] = runTreeLines(aRun(), steps, NOW, { width: 100 });
  expect(line).toContain("run r1");
  expect(runChangeLines(undefined, { run: aRun(), steps }, NOW)).toContain(
    "step call success, run r1",
  );
});

test("shows the error of a failed step, and of the try before while it is tried again", () => {
  const error = { code: "process_exit", message: "exit code 3" } as const;
  const steps = [
    aStep("a", {
      status: "waiting",
      started_at: START,
      attempts: [anAttempt(1, { status: "failed", error })],
    }),
    aStep("b", { status: "failed", started_at: START, finished_at: at(40), error }),
  ];
  expect(
    runTreeLines(aRun({ status: "failed", finished_at: at(1_000) }), steps, NOW, WIDE).slice(1),
  ).toEqual([
    "├ ◌ a  core.echo  3.2s  waiting",
    "│     process_exit: exit code 3",
    "└ ✗ b  core.echo  40ms  failed",
    "      process_exit: exit code 3",
  ]);
});

test("names the first failed items of a step, and why they failed", () => {
  const error = { code: "process_exit", message: "exit code 3" } as const;
  const items = [anItem(0, "success"), { ...anItem(1, "failed"), error }];
  const step = aStep("each", { ...done, items });
  expect(runTreeLines(aRun(), [step], NOW, WIDE).slice(2)).toEqual([
    "      each#1: process_exit: exit code 3",
  ]);
});

test("names the runs that the first failed items of a step were", () => {
  const itemOf = (index: number, status: StepItem["status"]): StepItem => ({
    ...anItem(index, status),
    attempts: [anAttempt(1, { status: "failed", run: `r${index}` })],
  });
  const items = [anItem(0, "success"), ...[1, 2, 3, 4, 5].map((index) => itemOf(index, "failed"))];
  const step = aStep("each", { status: "failed", started_at: START, finished_at: at(40), items });
  expect(runTreeLines(aRun(), [step], NOW, WIDE).slice(2)).toEqual([
    "      each#1 was run r1",
    "      each#2 was run r2",
    "      each#3 was run r3",
    "      and 2 more",
  ]);
});

test("does not say again as an error that a step was canceled, where nothing more is known", () => {
  const canceled = { status: "canceled", started_at: START, finished_at: at(40) } as const;
  const errorOf = (message: string) => ({ code: "canceled", message }) as const;
  const steps = [
    aStep("a", { ...canceled, error: errorOf("canceled") }),
    aStep("b", { ...canceled, error: errorOf("canceled before it started") }),
  ];
  expect(runTreeLines(aRun(), steps, NOW, WIDE).slice(1)).toEqual([
    "├ ⊘ a  core.echo  40ms  canceled",
    "└ ⊘ b  core.echo  40ms  canceled",
    "      canceled: canceled before it started",
  ]);
});

test("shows the newest log lines under running steps only, and nothing that moves a terminal's cursor", () => {
  const steps = [aStep("a", { status: "running", started_at: START }), aStep("b", done)];
  const tails = new Map([
    ["a", ["one", "\u001b[2J\u001b]0;title\u0007two\r"]],
    ["b", ["old"]],
  ]);
  expect(runTreeLines(aRun(), steps, NOW, { ...WIDE, tails })).toEqual([
    expect.stringContaining("examples.greet"),
    "├ ● a  core.echo  3.2s",
    "│     one",
    "│     two",
    "└ ✓ b  core.echo  1.2s",
  ]);
});

test("shows of ids their ends where a line has no room for them", () => {
  const width = 40;
  const [line] = runTreeLines(aRun(), [], NOW, { width });
  expect(line).toBe("● examples.greet  00000001  running 3.2s");
  const [painted = ""] = runTreeLines(aRun(), [], NOW, {
    width,
    paint: paintFor({ isTTY: true, write: () => {} }, {}),
  });
  expect(stripVTControlCharacters(painted)).toBe(line);
});

test("keeps every line within the width, wide characters counted as two cells", () => {
  const steps = [
    aStep("名前がとても長いステップ", { status: "running", reason: "x".repeat(90) }),
    aStep("b"),
  ];
  for (const width of [10, 20, 33, 40]) {
    const lines = runTreeLines(aRun(), steps, NOW, { width });
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(lines[1]?.endsWith("…")).toBe(true);
  }
});

test("fits the height: first without log tails, then with done steps folded, then cut in the middle", () => {
  const steps = [
    ...Array.from({ length: 6 }, (_, n) => aStep(`done${n}`, done)),
    ...Array.from({ length: 6 }, (_, n) =>
      aStep(`busy${n}`, { status: "running", started_at: START }),
    ),
  ];
  const tails = new Map([["busy0", ["a log line"]]]);
  const lines = (height: number) => runTreeLines(aRun(), steps, NOW, { ...WIDE, tails, height });
  expect(lines(14)).toContain("│     a log line");
  expect(lines(13)).toHaveLength(13);
  expect(lines(13)).not.toContain("│     a log line");
  expect(lines(12)).toHaveLength(8);
  expect(lines(12)[1]).toBe("├ … 6 steps done");
  expect(lines(5)).toHaveLength(5);
  expect(lines(5)[2]).toBe("│ … 4 more lines");
});

test("says in single lines what has moved between two looks, and nothing when nothing has", () => {
  const before = {
    run: aRun(),
    steps: [aStep("a", { status: "running", started_at: START }), aStep("b")],
  };
  expect(runChangeLines(undefined, before, NOW)).toEqual([
    "run 0197a1b2-0000-7000-8000-000000000001 examples.greet running",
    "step a running",
  ]);
  expect(runChangeLines(before, before, NOW + 5_000)).toEqual([]);
  const error = { code: "process_exit", message: "exit code 3" } as const;
  const after = {
    run: aRun({ status: "failed" }),
    steps: [
      aStep("a", done),
      aStep("b", { status: "failed", started_at: START, finished_at: at(40), error }),
    ],
  };
  expect(runChangeLines(before, after, NOW)).toEqual([
    "step a success, in 1.2s",
    "step b failed, in 40ms, process_exit: exit code 3",
    "run 0197a1b2-0000-7000-8000-000000000001 examples.greet failed",
  ]);
});
