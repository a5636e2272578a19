import { describe, expect, it } from "vitest";
import { advance, begin, type RunEvent, reusableSteps } from "./index.ts";
import { ended, FACTS, type StepSketch, workflow } from "./testing/build.ts";

type Sketches = { readonly [id: string]: StepSketch };

/** A run of these steps with these events, and what its new try takes over and starts. */
function retried(sketches: Sketches, events: readonly RunEvent[], from?: string) {
  const flow = workflow(sketches);
  let { state } = begin(flow, {}, FACTS, 0);
  for (const event of events) ({ state } = advance(flow, state, [event]));
  const reused = reusableSteps(flow, state, from);
  const again = begin(flow, {}, FACTS, 0, reused);
  return {
    reused: reused.outputs,
    starts: again.effects.map((one) => ("slot" in one ? one.slot : one.type)),
    steps: again.state.steps,
  };
}

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
      bad: { onError: "continue" },
      after: {},
      left: { needs: [], if: () => false },
      beside: {},
      last: { needs: ["after", "beside"] },
    } satisfies Sketches;
    const events = [
      ended("bad", 1, "failed"),
      ended("after", 1),
      ended("beside", 1, "success", { output: 1 }),
      ended("last", 1, "failed"),
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

  it("does again what was undone, though it succeeded; of a for_each all of it where one item was", () => {
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
    expect(starts).toEqual(["many#0", "many#1"]);
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
