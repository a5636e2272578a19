import { describe, expect, it } from "vitest";
import { actionAsWorkflow, MAX_ITEMS } from "../definitions/index.ts";
import { compileValidator } from "../schema/index.ts";
import { advance, begin } from "./index.ts";
import {
  ANYTHING,
  action,
  CANCEL,
  ended,
  FACTS,
  lead,
  missing,
  SLEEP,
  template,
  WORK,
  workflow,
} from "./testing/build.ts";

describe("the order of steps", () => {
  it("is that of the file, each after the one before", () => {
    const run = lead(workflow({ a: {}, b: {}, c: {} }));
    expect(run.first).toEqual(["dispatch a/1"]);
    expect(run.end("a")).toEqual(["dispatch b/1"]);
    expect(run.end("b")).toEqual(["dispatch c/1"]);
    expect(run.end("c")).toEqual(["finish success"]);
  });

  it("is that of `needs`, where they are given", () => {
    const run = lead(workflow({ a: {}, b: { needs: [] }, c: { needs: ["a", "b"] } }));
    expect(run.first).toEqual(["dispatch a/1", "dispatch b/1"]);
    expect(run.end("b")).toEqual([]);
    expect(run.end("a")).toEqual(["dispatch c/1"]);
  });

  it("goes through steps that end at once, in one advance", () => {
    const run = lead(workflow({ a: { if: () => false }, b: { forEach: () => [] }, c: {} }));
    expect(run.first).toEqual(["dispatch c/1"]);
    expect(run.phases()).toEqual({ a: "skipped", b: "success", c: "active" });
  });

  it("ends a run of nothing but such steps with its birth", () => {
    expect(lead(workflow({ a: { if: () => false } })).first).toEqual(["finish success"]);
  });
});

describe("what expressions see", () => {
  it("is the input, the run, and every final step with its status, output and error", () => {
    const seen: unknown[] = [];
    const run = lead(
      workflow({
        a: {},
        b: { onError: "continue" },
        c: {
          with: ({ input, run: facts, steps }) => {
            seen.push(input, facts, steps);
            return {};
          },
        },
      }),
      { n: 1 },
    );
    run.end("a", 1, "success", { output: 7 });
    const error = { code: "action_failed", message: "no" } as const;
    run.end("b", 1, "failed", { error });
    expect(seen).toEqual([
      { n: 1 },
      FACTS,
      { a: { status: "success", output: 7 }, b: { status: "failed", error } },
    ]);
  });

  it("shows skipped steps to later conditions", () => {
    const isSkipped = ({ steps }: { steps?: unknown }): boolean =>
      (steps as { a: { status: string } }).a.status === "skipped";
    const run = lead(workflow({ a: { if: () => false }, b: { if: isSkipped } }));
    expect(run.first).toEqual(["dispatch b/1"]);
  });
});

describe("a step that cannot start", () => {
  const badInput = action(
    { kind: "timer" },
    { input: compileValidator({ type: "object", required: ["n"] }) },
  );
  it.each([
    ["its condition", { if: missing }, "expression_failed", "if: there is no field x"],
    ["its list", { forEach: missing }, "expression_failed", "for_each: there is no field x"],
    ["its input", { with: missing }, "expression_failed", "with: there is no field x"],
    ["a list that is none", { forEach: () => 5 }, "expression_failed", "needs a list, got number"],
    ["an input that does not fit", { action: badInput }, "invalid_input", "does not fit test.work"],
    [
      "its key",
      { queue: { name: "q", key: template(missing) } },
      "expression_failed",
      "queue.key: there is no field x",
    ],
  ])("by %s fails before any attempt, and is not tried again", (_, sketch, code, message) => {
    const run = lead(workflow({ a: { retry: { attempts: 3 }, ...sketch } }));
    expect(run.first).toEqual(["finish failed"]);
    expect(run.state().error).toMatchObject({ code, details: { step: "a" } });
    expect(run.state().error?.message).toContain(message);
    expect(run.state().steps["a"]?.slots.flatMap(({ attempts }) => attempts)).toEqual([]);
  });

  it("by a list that is too long fails, and opens none of it", () => {
    const run = lead(
      workflow({ a: { forEach: () => Array.from({ length: MAX_ITEMS + 1 }, () => 0) } }),
    );
    expect(run.first).toEqual(["finish failed"]);
    expect(run.state().error?.code).toBe("limit_exceeded");
  });
});

describe("a run with a failed step", () => {
  it("starts nothing new, lets what runs finish, and says which step it was", () => {
    const run = lead(workflow({ a: {}, b: { needs: [] }, c: { needs: ["b"] } }));
    expect(run.end("a", 1, "failed", { error: { code: "action_failed", message: "no" } })).toEqual(
      [],
    );
    expect(run.end("b")).toEqual(["finish failed"]);
    expect(run.phases()).toEqual({ a: "failed", b: "success", c: "canceled" });
    expect(run.state().error).toEqual({
      code: "action_failed",
      message: 'step "a": no',
      details: { step: "a" },
    });
  });

  it("goes on where the step says so", () => {
    const run = lead(workflow({ a: { onError: "continue" }, b: {} }));
    expect(run.end("a", 1, "failed")).toEqual(["dispatch b/1"]);
    expect(run.end("b")).toEqual(["finish success"]);
  });

  it("waits for a timer that runs, and does not cut it short", () => {
    const run = lead(
      workflow({ a: {}, b: { needs: [], action: SLEEP, with: () => ({ duration: "5s" }) } }),
    );
    expect(run.end("a", 1, "failed")).toEqual([]);
    expect(run.post({ type: "timer_due", slot: "b", number: 1, at: 5_000 })).toEqual([
      "finish failed",
    ]);
  });
});

describe("a cancel", () => {
  it("stops what is open, starts nothing, and ends the run when the last has ended", () => {
    const steps = {
      a: {},
      nap: { needs: [], action: SLEEP, with: () => ({ duration: "5s" }) },
      c: {},
    };
    const run = lead(workflow(steps));
    expect(run.post(CANCEL)).toEqual(["stop a/1", "stop nap/1"]);
    expect(run.post(CANCEL)).toEqual([]);
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.end("a", 1, "canceled")).toEqual(["finish canceled"]);
    expect(run.phases()).toEqual({ a: "canceled", nap: "canceled", c: "canceled" });
  });

  it("ends a run at once that only waits", () => {
    const run = lead(workflow({ nap: { action: SLEEP, with: () => ({ duration: "5s" }) } }));
    expect(run.post(CANCEL)).toEqual(["stop nap/1", "finish canceled"]);
  });

  it("keeps a result that was faster, and opens no further item", () => {
    const run = lead(workflow({ a: { forEach: () => [1, 2], concurrency: 1 } }));
    expect(run.post(CANCEL)).toEqual(["stop a#0/1"]);
    expect(run.end("a#0", 1, "success", { output: 1 })).toEqual(["finish canceled"]);
    expect(run.state().steps["a"]?.slots.map(({ phase }) => phase)).toEqual([
      "success",
      "canceled",
    ]);
  });

  it("of a failing run makes it a canceled one", () => {
    const run = lead(workflow({ a: {}, b: { needs: [] } }));
    run.end("a", 1, "failed");
    expect(run.post(CANCEL)).toEqual(["stop b/1"]);
    expect(run.end("b", 1, "canceled")).toEqual(["finish canceled"]);
  });

  it("comes too late for a run that has ended", () => {
    const run = lead(workflow({ a: {} }));
    run.end("a");
    expect(run.post(CANCEL)).toEqual([]);
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.state().status).toBe("success");
  });
});

describe("the end of a run", () => {
  it("has the workflow's output", () => {
    const run = lead(
      workflow({ a: {} }, ({ steps }) => (steps as { a: { output: string } }).a.output),
    );
    run.end("a", 1, "success", { output: "done" });
    expect(run.state()).toMatchObject({ status: "success", output: "done" });
  });

  it("is a failure where the output cannot be rendered", () => {
    const run = lead(workflow({ a: {} }, missing));
    expect(run.end("a")).toEqual(["finish failed"]);
    expect(run.state().error).toEqual({
      code: "expression_failed",
      message: "output: there is no field x",
    });
  });

  it("takes no event of a step or item that is not there", () => {
    const run = lead(workflow({ a: { forEach: () => [1] } }));
    run.post(ended("a#7", 1), ended("x", 1), { type: "timer_due", slot: "a#0", number: 1, at: 1 });
    expect(run.verdicts()).toEqual(["late", "late", "late"]);
  });
});

describe("a run of one action", () => {
  const single = actionAsWorkflow({ ...WORK, input: ANYTHING });
  it("hands its input on and ends with the action's output", () => {
    const first = begin(single, { n: 1 }, FACTS, 0);
    expect(first.state.steps["action"]?.slots[0]?.input).toEqual({ n: 1 });
    const { state } = advance(single, first.state, [ended("action", 1, "success", { output: 5 })]);
    expect(state).toMatchObject({ status: "success", output: 5 });
  });

  it.each(["failed", "timed_out"] as const)(
    "that %s is itself %s, with the action's own error",
    (status) => {
      const first = begin(single, {}, FACTS, 0);
      const error = { code: "action_failed", message: "no" } as const;
      const { state } = advance(single, first.state, [ended("action", 1, status, { error })]);
      expect(state).toMatchObject({ status, error });
    },
  );
});

it("a workflow whose failed step is called action is still a workflow: its error names the step", () => {
  const run = lead(workflow({ action: {} }));
  expect(run.end("action", 1, "timed_out")).toEqual(["finish failed"]);
  expect(run.state().error?.message).toMatch(/^step "action": /);
});

it("a step has the times at which it began and ended", () => {
  const run = lead(workflow({ a: {}, b: {} }));
  run.end("a", 1, "success", { at: 3_000 });
  expect(run.state().steps["a"]).toMatchObject({ startedAt: 0, endedAt: 3_000 });
  expect(run.state().steps["b"]).toMatchObject({ startedAt: 3_000 });
  expect(run.state().steps["b"]?.endedAt).toBeUndefined();
});

it("an attempt whose key is no text stands in its queue under the JSON of it", () => {
  const key = template(() => ({ room: 7 }));
  const { effects } = begin(workflow({ a: { queue: { name: "q", key } } }), {}, FACTS, 0);
  expect(effects).toMatchObject([{ type: "dispatch", key: '{"room":7}' }]);
});

describe("an advance", () => {
  it("leaves the state it began from as it was", () => {
    const definition = workflow({ a: {}, b: {} });
    const first = begin(definition, {}, FACTS, 0);
    const before = structuredClone(first.state);
    advance(definition, first.state, [ended("a", 1)]);
    expect(first.state).toEqual(before);
  });

  it("of several events settles once, and says of each whether it came in time", () => {
    const run = lead(workflow({ a: {}, b: { needs: [] }, c: { needs: ["a", "b"] } }));
    expect(run.post(ended("a", 1), ended("a", 1), ended("b", 1))).toEqual(["dispatch c/1"]);
    expect(run.verdicts()).toEqual(["applied", "late", "applied"]);
  });
});
