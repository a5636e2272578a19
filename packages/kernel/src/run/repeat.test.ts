import { describe, expect, it } from "vitest";
import {
  CALL,
  CANCEL,
  childEnded,
  due,
  lead,
  missing,
  type StepSketch,
  workflow,
} from "./testing/build.ts";

type Output = { steps?: unknown };
const isDone = ({ steps }: Output): boolean =>
  (steps as { a: { output: { done: boolean } } }).a.output.done;
const one = (repeat: StepSketch["repeat"], more: StepSketch = {}) =>
  lead(workflow({ a: { repeat: repeat as never, ...more }, b: {} }));
const done = (value: boolean, more: object = {}) => ({ output: { done: value, ...more } });

describe("repeat", () => {
  it("goes another round until its condition holds, each round a slot of its own", () => {
    const run = one({ until: isDone });
    expect(run.first).toEqual(["dispatch a#0/1"]);
    expect(run.end("a#0", 1, "success", done(false))).toEqual(["dispatch a#1/1"]);
    expect(run.end("a#1", 1, "success", done(true, { n: 2 }))).toEqual(["dispatch b/1"]);
    expect(run.state().steps["a"]).toMatchObject({
      phase: "success",
      output: { done: true, n: 2 },
      slots: [{ output: { done: false } }, { output: { done: true } }],
    });
  });

  it("waits between its rounds as a timer row, not before the first", () => {
    const run = one({ until: isDone, delayMs: 500 });
    expect(run.first).toEqual(["dispatch a#0/1"]);
    expect(run.end("a#0", 1, "success", done(false))).toEqual(["timer a#1/1 +500"]);
    expect(run.post(due("a#1"))).toEqual(["dispatch a#1/1"]);
  });

  it("gives each round its number and the latest output of the step itself", () => {
    const seen: unknown[] = [];
    const run = one(
      { until: isDone },
      {
        with: ({ round, steps }) => {
          seen.push([round, structuredClone((steps as { a: unknown }).a)]);
          return {};
        },
      },
    );
    run.end("a#0", 1, "success", done(false));
    expect(seen).toEqual([
      [1, { status: "running" }],
      [2, { status: "running", output: { done: false } }],
    ]);
  });

  it("fails when its condition does not hold after the most rounds", () => {
    const run = one({ until: isDone, max: 2 });
    run.end("a#0", 1, "success", done(false));
    expect(run.end("a#1", 1, "success", done(false))).toEqual(["finish failed"]);
    expect(run.state().error).toMatchObject({ code: "limit_exceeded", details: { step: "a" } });
    expect(run.state().error?.message).toContain("until does not hold after 2 rounds");
  });

  it("fails with its round, which is tried again as the policy says, and where until cannot be told", () => {
    const tried = one({ until: isDone }, { retry: { attempts: 2 } });
    expect(tried.end("a#0", 1, "failed")).toEqual(["dispatch a#0/2"]);
    expect(tried.end("a#0", 2, "failed")).toEqual(["finish failed"]);
    const unclear = one({ until: missing });
    expect(unclear.end("a#0")).toEqual(["finish failed"]);
    expect(unclear.state().error?.message).toBe('step "a": until: there is no field x');
  });

  it("starts no round in a run that fails, and gives up a pause at once", () => {
    const run = lead(
      workflow({ a: { repeat: { until: isDone, delayMs: 500 } }, b: { needs: [] } }),
    );
    run.end("a#0", 1, "success", done(false));
    expect(run.end("b", 1, "failed")).toEqual(["stop a#1/1", "finish failed"]);
    const busy = lead(workflow({ a: { repeat: { until: isDone } }, b: { needs: [] } }));
    busy.end("b", 1, "failed");
    expect(busy.end("a#0", 1, "success", done(false))).toEqual(["finish failed"]);
    expect(busy.phases()["a"]).toBe("canceled");
  });

  it("calls a workflow again and again, and hands a cancel to the child that runs", () => {
    const run = one({ until: isDone }, { action: CALL });
    expect(run.first).toEqual(["child a#0/1 test.called"]);
    expect(run.post(childEnded("a#0", 1, "success", done(false)))).toEqual([
      "child a#1/1 test.called",
    ]);
    expect(run.post(CANCEL)).toEqual(["stop_child a#1/1"]);
    expect(run.post(childEnded("a#1", 1, "canceled"))).toEqual(["finish canceled"]);
  });
});

describe("batch", () => {
  it("gives groups of items, the last one smaller, and keeps their results in order", () => {
    const items: unknown[] = [];
    const run = lead(
      workflow({
        a: {
          forEach: () => [1, 2, 3, 4, 5],
          batch: 2,
          with: ({ item, index }) => {
            items.push([index, item]);
            return {};
          },
        },
      }),
    );
    expect(items).toEqual([
      [0, [1, 2]],
      [1, [3, 4]],
      [2, [5]],
    ]);
    run.end("a#2", 1, "success", { output: "c" });
    run.end("a#0", 1, "success", { output: "a" });
    expect(run.end("a#1", 1, "success", { output: "b" })).toEqual(["finish success"]);
    expect(run.state().steps["a"]?.output).toEqual(["a", "b", "c"]);
  });
});
