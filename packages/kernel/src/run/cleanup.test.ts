import { describe, expect, it } from "vitest";
import { CANCEL, due, ended, lead, missing, type StepSketch, workflow } from "./testing/build.ts";

const NO = { error: { code: "action_failed", message: "no" } } as const;
const undo: StepSketch = { undo: {} };

describe("undo", () => {
  it("takes back what succeeded, the last first and one at a time, when the run fails", () => {
    const run = lead(workflow({ a: undo, b: { needs: [], ...undo }, c: { needs: ["a", "b"] } }));
    run.end("b");
    run.end("a");
    expect(run.end("c", 1, "failed")).toEqual(["dispatch a~undo/1"]);
    expect(run.state().phase).toBe("undoing");
    expect(run.end("a~undo")).toEqual(["dispatch b~undo/1"]);
    expect(run.end("b~undo")).toEqual(["finish failed"]);
    expect(run.state().error?.details).toEqual({ step: "c" });
  });

  it("takes back nothing of a run that succeeds, nor what did not succeed", () => {
    const good = lead(workflow({ a: undo }));
    expect(good.end("a")).toEqual(["finish success"]);
    const bad = lead(workflow({ a: undo }));
    expect(bad.end("a", 1, "failed")).toEqual(["finish failed"]);
  });

  it("takes back each item that succeeded, and shows it with its output", () => {
    const seen: unknown[] = [];
    const run = lead(
      workflow({
        a: {
          forEach: () => ["x", "y", "z"],
          undo: {
            with: ({ item, index, output }) => {
              seen.push([item, index, output]);
              return {};
            },
          },
        },
      }),
    );
    run.end("a#2", 1, "success", { output: "Z" });
    run.end("a#1", 1, "failed");
    expect(run.end("a#0", 1, "success", { output: "X" })).toEqual(["dispatch a#0~undo/1"]);
    expect(run.end("a#0~undo")).toEqual(["dispatch a#2~undo/1"]);
    expect(run.end("a#2~undo")).toEqual(["finish failed"]);
    expect(seen).toEqual([
      ["x", 0, "X"],
      ["z", 2, "Z"],
    ]);
  });

  it("that fails is tried again as it says, then told of, and the rest goes on", () => {
    const run = lead(
      workflow({
        a: undo,
        b: { undo: { retry: { attempts: 2 } } },
        c: { undo: { with: missing } },
        d: {},
      }),
    );
    for (const id of ["a", "b", "c"]) run.end(id);
    expect(run.end("d", 1, "failed", NO)).toEqual(["dispatch b~undo/1"]);
    expect(run.end("b~undo", 1, "failed")).toEqual(["dispatch b~undo/2"]);
    expect(run.end("b~undo", 2, "failed")).toEqual(["dispatch a~undo/1"]);
    run.end("a~undo");
    expect(run.state().error).toEqual({
      code: "action_failed",
      message: 'step "d": no',
      details: { step: "d", cleanup_failed: 'undo of "c", undo of "b"' },
    });
  });

  it("follows a cancel and a workflow's output that cannot be rendered as well", () => {
    const canceled = lead(workflow({ a: undo, b: {} }));
    canceled.end("a");
    expect(canceled.post(CANCEL)).toEqual(["stop b/1"]);
    expect(canceled.end("b", 1, "canceled")).toEqual(["dispatch a~undo/1"]);
    expect(canceled.end("a~undo")).toEqual(["finish canceled"]);
    const unclear = lead(workflow({ a: undo }, missing));
    expect(unclear.end("a")).toEqual(["dispatch a~undo/1"]);
  });

  it("takes no word of an attempt that is not its newest, nor before it began", () => {
    const run = lead(workflow({ a: undo, b: {} }));
    run.end("a");
    run.end("a~undo");
    expect(run.verdicts()).toEqual(["late"]);
    run.end("b", 1, "failed");
    run.end("a~undo", 2);
    expect(run.verdicts()).toEqual(["late"]);
  });
});

describe("on_failure", () => {
  const steps = { a: {}, b: { needs: [] } };

  it("runs when the run has failed and nothing of it is open, after what was undone, and sees why", () => {
    const seen: unknown[] = [];
    const tell: StepSketch = {
      with: ({ run }) => {
        seen.push(run);
        return {};
      },
    };
    const run = lead(workflow({ a: undo, b: {} }, undefined, { onFailure: { tell, more: {} } }));
    run.end("a");
    expect(run.end("b", 1, "failed", NO)).toEqual(["dispatch a~undo/1"]);
    expect(run.end("a~undo")).toEqual(["dispatch tell/1"]);
    expect(seen).toMatchObject([
      { id: "run-1", status: "failed", error: { message: 'step "b": no' } },
    ]);
    expect(run.end("tell")).toEqual(["dispatch more/1"]);
    expect(run.end("more")).toEqual(["finish failed"]);
  });

  it("does not run in a run that succeeds or is canceled", () => {
    const good = lead(workflow({ a: {} }, undefined, { onFailure: { tell: {} } }));
    expect(good.end("a")).toEqual(["finish success"]);
    const canceled = lead(workflow({ a: {} }, undefined, { onFailure: { tell: {} } }));
    canceled.post(CANCEL);
    expect(canceled.end("a", 1, "canceled")).toEqual(["finish canceled"]);
  });

  it("goes on when one of its steps fails, and keeps the run's own error", () => {
    const run = lead(workflow(steps, undefined, { onFailure: { tell: {}, more: {} } }));
    run.end("a", 1, "failed", NO);
    run.end("b");
    expect(run.end("tell", 1, "failed")).toEqual(["dispatch more/1"]);
    run.end("more");
    expect(run.state()).toMatchObject({
      status: "failed",
      error: { message: 'step "a": no', details: { cleanup_failed: 'step "tell"' } },
    });
  });

  it("is stopped by a cancel, which makes the run a canceled one", () => {
    const around = { onFailure: { tell: {}, more: {} }, finally: { z: {} } };
    const run = lead(workflow({ a: {} }, undefined, around));
    run.end("a", 1, "failed");
    expect(run.post(CANCEL)).toEqual(["stop tell/1"]);
    expect(run.end("tell", 1, "canceled")).toEqual(["dispatch z/1"]);
    expect(run.end("z")).toEqual(["finish canceled"]);
    expect(run.phases()).toEqual({ a: "failed", tell: "canceled", more: "canceled", z: "success" });
  });

  it("is taken away by a cancel that comes while things are undone; the undoing goes on", () => {
    const run = lead(workflow({ a: undo, b: {} }, undefined, { onFailure: { tell: {} } }));
    run.end("a");
    run.end("b", 1, "failed");
    expect(run.post(CANCEL)).toEqual([]);
    expect(run.verdicts()).toEqual(["applied"]);
    run.post(CANCEL);
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.end("a~undo")).toEqual(["finish canceled"]);
  });
});

describe("finally", () => {
  const around = { finally: { y: {}, z: {} } };

  it.each([
    ["success", []],
    ["failed", []],
    ["canceled", [CANCEL]],
  ] as const)("runs last in a run that ends as %s", (status, before) => {
    const run = lead(workflow({ a: {} }, undefined, around));
    run.post(...before);
    expect(run.end("a", 1, status)).toEqual(["dispatch y/1"]);
    expect(run.end("y")).toEqual(["dispatch z/1"]);
    expect(run.end("z")).toEqual([`finish ${status}`]);
  });

  it("fails a run that had succeeded, when one of its steps fails; the others have their turn", () => {
    const run = lead(workflow({ a: {} }, () => "done", around));
    run.end("a");
    expect(run.end("y", 1, "failed", NO)).toEqual(["dispatch z/1"]);
    expect(run.end("z")).toEqual(["finish failed"]);
    expect(run.state()).toMatchObject({
      error: { message: 'step "y": no', details: { cleanup_failed: 'step "y"' } },
    });
    expect(run.state().output).toBeUndefined();
  });

  it("that says on_error: continue does not", () => {
    const run = lead(workflow({ a: {} }, undefined, { finally: { z: { onError: "continue" } } }));
    run.end("a");
    expect(run.end("z", 1, "failed")).toEqual(["finish success"]);
  });

  it("takes no cancel: what the run was for is done, and how it ends is decided", () => {
    const run = lead(workflow({ a: {} }, undefined, around));
    run.end("a");
    expect(run.post(CANCEL)).toEqual([]);
    expect(run.verdicts()).toEqual(["late"]);
    // A cancel that comes too late keeps nothing from being tried again.
    const again = lead(
      workflow({ a: {} }, undefined, { finally: { z: { retry: { attempts: 2 } } } }),
    );
    again.end("a");
    expect(again.post(CANCEL, ended("z", 1, "failed"))).toEqual(["dispatch z/2"]);
  });
});

describe("a run's own time", () => {
  const timed = (around: object = {}) =>
    lead(workflow({ a: {}, b: {} }, undefined, { timeoutMs: 5_000, ...around }));

  it("is a timer from the start of the run, taken back when its steps have ended", () => {
    const run = timed({ finally: { z: {} } });
    expect(run.first).toEqual(["timer @timeout/1 +5000", "dispatch a/1"]);
    run.end("a");
    expect(run.end("b")).toEqual(["stop @timeout/1", "dispatch z/1"]);
    expect(run.end("z")).toEqual(["finish success"]);
  });

  it("stops what is open when it is over, then undoes, handles and finalizes", () => {
    const run = lead(
      workflow({ a: undo, b: {} }, undefined, {
        timeoutMs: 5_000,
        onFailure: { tell: {} },
        finally: { z: {} },
      }),
    );
    run.end("a");
    expect(run.post(due("@timeout"))).toEqual(["stop b/1"]);
    expect(run.end("b", 1, "canceled")).toEqual(["dispatch a~undo/1"]);
    expect(run.end("a~undo")).toEqual(["dispatch tell/1"]);
    expect(run.end("tell")).toEqual(["dispatch z/1"]);
    expect(run.end("z")).toEqual(["finish timed_out"]);
    expect(run.state().error).toEqual({
      code: "timed_out",
      message: "the run did not end within its 5 s",
    });
  });

  it("lets a cancel go first or after: the run ends as canceled", () => {
    const first = timed();
    expect(first.post(CANCEL)).toEqual(["stop @timeout/1", "stop a/1"]);
    first.post(due("@timeout"));
    expect(first.verdicts()).toEqual(["late"]);
    expect(first.end("a", 1, "canceled")).toEqual(["finish canceled"]);
    const after = timed();
    after.post(due("@timeout"));
    expect(after.post(CANCEL)).toEqual([]);
    expect(after.end("a", 1, "canceled")).toEqual(["finish canceled"]);
  });

  it("together with a failure tries nothing again: no effect stops what another starts", () => {
    const run = lead(workflow({ a: { retry: { attempts: 3 } } }, undefined, { timeoutMs: 5_000 }));
    const failed = { type: "attempt_ended", slot: "a", number: 1, status: "failed" } as const;
    expect(run.post(due("@timeout"), { ...failed, at: 1, random: 0 })).toEqual([
      "finish timed_out",
    ]);
    expect(run.verdicts()).toEqual(["applied", "applied"]);
  });
});
