import type { Attempt, Run, Step } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { partLine, spanOf, stepLine, ticksOf } from "./timeline.ts";

const BEGIN = Date.parse("2026-03-10T12:00:00.000Z");
const at = (ms: number): string => new Date(BEGIN + ms).toISOString();
const run = (finishedMs?: number) =>
  ({ created_at: at(0), finished_at: finishedMs === undefined ? null : at(finishedMs) }) as Run;
const attempt = (number: number, from: number, to: number | null, status = "success") =>
  ({
    number,
    status,
    started_at: at(from),
    finished_at: to === null ? null : at(to),
    worker: null,
    error: null,
  }) as Attempt;
const step = (more: Partial<Step>) =>
  ({ id: "a", status: "success", attempts: [], items: null, ...more }) as Step;

test("spans a run from its start to its end, or to now while it goes on", () => {
  expect(spanOf(run(4_000), [], BEGIN + 9_000)).toEqual({ from: BEGIN, to: BEGIN + 4_000 });
  expect(spanOf(run(), [], BEGIN + 9_000)).toEqual({ from: BEGIN, to: BEGIN + 9_000 });
});

test("keeps a span that a clock behind the server's would turn around", () => {
  const ended = step({ started_at: at(0), finished_at: at(50) });
  expect(spanOf(run(), [ended], BEGIN - 5_000)).toEqual({ from: BEGIN, to: BEGIN + 50 });
  expect(spanOf(run(), [], BEGIN - 5_000).to).toBeGreaterThan(BEGIN);
});

test("places a step and each of its attempts in the time of the run", () => {
  const span = { from: BEGIN, to: BEGIN + 10_000 };
  const attempts = [attempt(1, 2_000, 3_000, "failed"), attempt(2, 5_000, null, "running")];
  const line = stepLine(
    step({ status: "running", started_at: at(1_000), finished_at: null, attempts }),
    span,
  );
  expect(line.whole).toMatchObject({ left: 0.1, width: 0.9, label: "a: running for 9.0 s" });
  expect(line.attempts.map(({ left, width }) => [left, width])).toEqual([
    [0.2, expect.closeTo(0.1)],
    [0.5, 0.5],
  ]);
  expect(line.attempts[0]?.label).toBe("attempt 1: failed after 1.0 s");
});

test("takes the times of an item from its attempts, and draws nothing that has not begun", () => {
  const span = { from: BEGIN, to: BEGIN + 10_000 };
  const attempts = [attempt(1, 0, 1_000, "lost"), attempt(2, 2_000, 4_000)];
  const item = { index: 3, status: "success", output: null, error: null, attempts } as const;
  const line = partLine(step({}), item, span);
  expect(line).toMatchObject({ slot: "a#3", startedAt: at(0), finishedAt: at(4_000) });
  expect(partLine(step({}), { ...item, attempts: [] }, span).attempts).toEqual([]);
});

test("marks round moments, few at any length", () => {
  const labels = (ms: number) => ticksOf({ from: 0, to: ms }).map(({ label }) => label);
  expect(labels(7_000)).toEqual(["2 s", "4 s", "6 s"]);
  expect(labels(100_000)).toEqual(["30 s", "1 m", "1 m 30 s"]);
  for (const ms of [1, 90, 1e5, 1e8, 1e10]) expect(labels(ms).length).toBeLessThanOrEqual(5);
});
