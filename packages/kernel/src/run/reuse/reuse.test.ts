import { describe, expect, it } from "vitest";
import type { Scope } from "../../expressions/index.ts";
import { advance, begin, type RunEvent, reusableOf } from "../index.ts";
import { CANCEL, due, ended, FACTS, type StepSketch, workflow } from "../testing/build.ts";

type Sketches = { readonly [id: string]: StepSketch };

/** A run of these steps with these events, and what its new try takes over and starts. */
function retried(sketches: Sketches, events: readonly RunEvent[], from?: string) {
  const flow = workflow(sketches);
  let { state } = begin(flow, {}, FACTS, 0);
  for (const event of events) ({ state } = advance(flow, state, [event]));
  const reused = reusableOf(flow, state, from);
  const again = begin(flow, {}, FACTS, 0, reused);
  return {
    reused: reused.outputs,
    all: reused,
    state: again.state,
    starts: again.effects.map((one) => ("slot" in one ? one.slot : one.type)),
    steps: again.state.steps,
  };
}

const outputOf = (scope: Scope, step: string): unknown =>
  (scope["steps"] as { [id: string]: { output?: unknown } })[step]?.output ?? null;

describe("a new try of a run", () => {
  it("takes over what succeeded, and starts what did not", () => {
    const events = [ended("a", 1, "success", { output: 7 }), ended("b", 1, "failed")];
    const { reused, starts, steps } = retried({ a: {}, b: {}, c: {} }, events);
    expect(reused).toEqual({ a: 7 });
    expect(starts).toEqual(["b"]);
    expect(steps["a"]).toMatchObject({ phase: "success", output: 7, reused: true });
  });

  it("does again what succeeded after a step that is done again, and not what follows a skipped one", () => {
    const steps = {
      bad: { undo: {} },
      after: {},
      left: { needs: [], if: () => false },
      beside: {},
      last: { needs: ["after", "beside"] },
    } satisfies Sketches;
    const events = [
      ended("bad", 1),
      ended("after", 1),
      ended("beside", 1, "success", { output: 1 }),
      ended("last", 1, "failed"),
      ended("bad~undo", 1),
    ];
    const { reused, starts } = retried(steps, events);
    expect(reused).toEqual({ beside: 1 });
    expect(starts).toEqual(["bad"]);
  });

  it("from a step does that again and all that comes after it, however far", () => {
    const steps = { a: {}, b: {}, c: {}, d: {}, e: { needs: ["a"] } };
    const events = ["a", "b", "c", "e"].map((id) => ended(id, 1, "success", { output: id }));
    const { reused, starts } = retried(steps, [...events, ended("d", 1, "failed")], "b");
    expect(reused).toEqual({ a: "a", e: "e" });
    expect(starts).toEqual(["b"]);
  });

  it("does again what was undone, though it succeeded; of a for_each the items that were", () => {
    const steps = {
      kept: {},
      one: { undo: {} },
      many: { needs: ["kept"], forEach: () => [1, 2], undo: {} },
      bad: { needs: ["one", "many"] },
    } satisfies Sketches;
    const events = [
      ...["kept", "one", "many#0", "many#1"].map((slot) => ended(slot, 1)),
      ended("bad", 1, "failed"),
    ];
    const { reused, starts } = retried(steps, events);
    expect(reused).toEqual({ kept: null, one: null });
    expect(starts).toEqual(["many#1"]);
  });

  it("has the items of a list that it takes over, each with its output", () => {
    const events = [
      ended("each#0", 1, "success", { output: "x" }),
      ended("each#1", 1, "success", { output: "y" }),
      ended("b", 1, "failed"),
    ];
    const { steps } = retried({ each: { forEach: () => [1, 2] }, b: {} }, events);
    expect(steps["each"]).toMatchObject({
      output: ["x", "y"],
      slots: [
        { phase: "success", output: "x" },
        { phase: "success", output: "y" },
      ],
    });
  });

  it("takes over the failure that it went on with, and what came after: it begins at what made the run fail", () => {
    const steps = {
      bad: { onError: "continue", saveAs: "saved" },
      many: { forEach: () => [1, 2], onError: "continue" },
      after: {},
      last: {},
    } satisfies Sketches;
    const events = [
      ended("bad", 1, "timed_out"),
      ended("many#0", 1, "success", { output: "x" }),
      ended("many#1", 1, "failed"),
      ended("after", 1),
      ended("last", 1, "failed"),
    ];
    const { reused, starts, state, all } = retried(steps, events);
    expect(reused).toEqual({ after: null });
    expect(starts).toEqual(["last"]);
    expect(state.steps["bad"]).toMatchObject({ phase: "timed_out", reused: true });
    expect(state.views["many"]).toMatchObject({
      status: "failed",
      output: ["x", null],
      items: [{ status: "success", output: "x" }, { status: "failed" }],
    });
    expect(begin(workflow(steps), {}, FACTS, 0, JSON.parse(JSON.stringify(all))).state).toEqual(
      state,
    );
  });

  it("takes over a failure that another step handled, with the way that this led", () => {
    const steps = {
      bad: { onError: { step: "handler" } },
      passed: {},
      handler: { needs: ["bad", "passed"] },
      last: {},
    } satisfies Sketches;
    const events = [ended("bad", 1, "failed"), ended("handler", 1), ended("last", 1, "failed")];
    const { starts, steps: after } = retried(steps, events);
    expect(starts).toEqual(["last"]);
    expect(after).toMatchObject({
      bad: { phase: "failed", reused: true },
      passed: { phase: "skipped" },
      handler: { phase: "success", reused: true },
    });
  });

  it("does a failure again that it may have had only because the run was failing, or was stopped", () => {
    const beside = { main: {}, lax: { needs: [], onError: "continue", retry: { attempts: 2 } } };
    const cut = retried(beside as Sketches, [
      ended("main", 1, "failed"),
      ended("lax", 1, "failed"),
    ]);
    expect(cut.starts).toEqual(["main", "lax"]);
    const before = retried(beside as Sketches, [
      ended("lax", 1, "failed"),
      ended("lax", 2, "failed"),
      ended("main", 1, "failed", { at: 2_000 }),
    ]);
    expect(before.starts).toEqual(["main"]);
    const stopped = retried({ a: { onError: "continue" }, b: {} }, [
      CANCEL,
      ended("a", 1, "failed"),
    ]);
    expect(stopped.starts).toEqual(["a"]);
    const chain = { a: { onError: "continue" }, b: {} } satisfies Sketches;
    const later = retried(chain, [ended("a", 1, "failed"), CANCEL, ended("b", 1, "canceled")]);
    expect(later.starts).toEqual(["b"]);
  });

  it("from a step that failed does that again, though the run went on with it", () => {
    const steps = { a: {}, bad: { onError: "continue" }, last: {} } satisfies Sketches;
    const events = [ended("a", 1), ended("bad", 1, "failed"), ended("last", 1)];
    expect(retried(steps, events).starts).toEqual(["finish"]);
    expect(retried(steps, events, "bad").starts).toEqual(["bad"]);
  });

  it("takes over the items that succeeded of a list with one that did not, and does that one", () => {
    const steps = {
      each: { forEach: () => ["x", "y", "z"], with: ({ item }) => ({ item: item as string }) },
      after: {},
    } satisfies Sketches;
    const events = [
      ended("each#0", 1, "success", { output: "X" }),
      ended("each#2", 1, "success", { output: "Z" }),
      ended("each#1", 1, "failed"),
    ];
    const { reused, starts, state } = retried(steps, events);
    expect(reused).toEqual({});
    expect(starts).toEqual(["each#1"]);
    expect(state.steps["each"]).toMatchObject({
      phase: "active",
      slots: [
        { phase: "success", reused: true, input: { item: "x" }, output: "X", attempts: [] },
        { phase: "dispatched" },
        { phase: "success", reused: true, output: "Z" },
      ],
    });
    const flow = workflow(steps);
    const done = advance(flow, state, [ended("each#1", 1, "success", { output: "Y" })]).state;
    expect(done.steps["each"]).toMatchObject({ phase: "success", output: ["X", "Y", "Z"] });
  });

  it("does an item again whose value is another now, or what it is called with", () => {
    const seen = { list: ["x", "y", "z"], call: 1 };
    const steps = {
      each: { forEach: () => seen.list, with: ({ item }) => ({ item, call: seen.call }) as never },
    } satisfies Sketches;
    const flow = workflow(steps);
    let { state } = begin(flow, {}, FACTS, 0);
    const events = [ended("each#0", 1), ended("each#1", 1), ended("each#2", 1, "failed")];
    for (const event of events) ({ state } = advance(flow, state, [event]));
    const reused = reusableOf(flow, state);
    const starts = () =>
      begin(flow, {}, FACTS, 0, reused).effects.map((one) => ("slot" in one ? one.slot : ""));
    expect(starts()).toEqual(["each#2"]);
    seen.list = ["x", "other", "z", "new"];
    expect(starts()).toEqual(["each#1", "each#2", "each#3"]);
    seen.call = 2;
    expect(starts()).toEqual(["each#0", "each#1", "each#2", "each#3"]);
  });

  it("takes over the groups of a list that succeeded", () => {
    const events = [ended("each#0", 1, "failed"), ended("each#1", 1)];
    const { starts } = retried({ each: { forEach: () => [1, 2, 3, 4], batch: 2 } }, events);
    expect(starts).toEqual(["each#0"]);
  });

  it("goes on with the rounds behind those that succeeded, at once", () => {
    const steps = {
      loop: {
        repeat: { until: ({ round }) => round === 4, delayMs: 60_000 },
        with: (seen) => ({ before: outputOf(seen, "loop") }) as never,
      },
    } satisfies Sketches;
    const rounds = [
      ended("loop#0", 1, "success", { output: 1 }),
      due("loop#1"),
      ended("loop#1", 1, "success", { output: 2 }),
      due("loop#2"),
      ended("loop#2", 1, "failed"),
    ];
    const { starts, state } = retried(steps, rounds);
    expect(starts).toEqual(["loop#2"]);
    expect(state.steps["loop"]?.slots).toMatchObject([
      { reused: true, output: 1 },
      { reused: true, output: 2, input: { before: 1 } },
      { phase: "dispatched", input: { before: 2 } },
    ]);
  });

  it("begins again with the first of the rounds that ended with their number", () => {
    const steps = { loop: { repeat: { until: () => false, max: 2 } } } satisfies Sketches;
    const { starts } = retried(steps, [ended("loop#0", 1), ended("loop#1", 1)]);
    expect(starts).toEqual(["loop#0"]);
  });

  it("takes nothing over of a list behind a step that is done again", () => {
    const steps = {
      first: { undo: {} },
      each: { forEach: () => [1, 2] },
    } satisfies Sketches;
    const events = [
      ...[ended("first", 1), ended("each#0", 1), ended("each#1", 1, "failed")],
      ended("first~undo", 1),
    ];
    const { starts, state } = retried(steps, events);
    expect(starts).toEqual(["first"]);
    const next = advance(workflow(steps), state, [ended("first", 1)]);
    expect(next.effects).toHaveLength(2);
  });

  it("takes over of a new try what that had taken over", () => {
    const flow = workflow({ each: { forEach: () => [1, 2, 3] } });
    let { state } = begin(flow, {}, FACTS, 0);
    const post = (...events: RunEvent[]) => {
      for (const event of events) ({ state } = advance(flow, state, [event]));
    };
    post(ended("each#0", 1), ended("each#1", 1, "failed"), ended("each#2", 1, "failed"));
    ({ state } = begin(flow, {}, FACTS, 0, reusableOf(flow, state)));
    post(ended("each#1", 1), ended("each#2", 1, "failed"));
    const third = begin(flow, {}, FACTS, 0, reusableOf(flow, state));
    expect(third.effects).toMatchObject([{ slot: "each#2" }]);
  });

  it("takes nothing over where its variables cannot be evaluated any more", () => {
    const flow = workflow({ a: {} }, undefined, {
      vars: () => {
        throw new Error("there is no field x");
      },
    });
    const { state } = begin(flow, {}, FACTS, 0, { outputs: { a: 1 } });
    expect(state).toMatchObject({ status: "failed", steps: { a: { phase: "canceled" } } });
  });
});
