import { describe, expect, it } from "vitest";
import { lead, missing, workflow } from "./testing/build.ts";

describe("on_error with a step", () => {
  const graph = () =>
    lead(
      workflow({
        a: { onError: { step: "fix" } },
        b: {},
        fix: { needs: ["a", "b"] },
        after: {},
      }),
    );

  it("jumps there when the step fails, past what stands between, and goes on after it", () => {
    const run = graph();
    expect(run.end("a", 1, "failed")).toEqual(["dispatch fix/1"]);
    expect(run.phases()).toMatchObject({ a: "failed", b: "skipped", after: "pending" });
    expect(run.end("fix")).toEqual(["dispatch after/1"]);
    expect(run.end("after")).toEqual(["finish success"]);
  });

  it("skips the handler where nothing failed", () => {
    const run = graph();
    run.end("a");
    expect(run.end("b")).toEqual(["dispatch after/1"]);
    expect(run.phases()["fix"]).toBe("skipped");
  });

  it("shows the handler the error, and lets it be asked by its own condition", () => {
    const seen: unknown[] = [];
    const run = lead(
      workflow({
        a: { onError: { step: "fix" } },
        fix: {
          with: ({ steps }) => {
            seen.push((steps as { a: unknown }).a);
            return {};
          },
        },
      }),
    );
    const error = { code: "action_failed", message: "no" } as const;
    run.end("a", 1, "failed", { error });
    expect(seen).toEqual([{ status: "failed", error }]);
  });

  it("fails the run when the handler fails as well", () => {
    const run = lead(workflow({ a: { onError: { step: "fix" } }, fix: {} }));
    run.end("a", 1, "timed_out");
    expect(run.end("fix", 1, "failed")).toEqual(["finish failed"]);
    expect(run.state().error?.details).toEqual({ step: "fix" });
  });

  it("handles several steps with one, which runs once", () => {
    const run = lead(
      workflow({
        a: { onError: { step: "fix" } },
        b: { needs: [], onError: { step: "fix" } },
        fix: { needs: ["a", "b"] },
      }),
    );
    expect(run.end("b", 1, "failed")).toEqual([]);
    expect(run.end("a", 1, "failed")).toEqual(["dispatch fix/1"]);
  });

  it("passes a step once, though two that fail pass it by: the run does not end before its handler", () => {
    const run = lead(
      workflow({
        a: { onError: { step: "fix" } },
        b: { needs: [], onError: { step: "fix" } },
        between: { needs: ["a", "b"] },
        fix: {},
      }),
    );
    expect(run.end("a", 1, "failed")).toEqual(["dispatch fix/1"]);
    expect(run.end("b", 1, "failed")).toEqual([]);
    expect(run.end("fix")).toEqual(["finish success"]);
  });

  it("fails the run where an attempt ends as canceled that nobody asked to stop", () => {
    const run = lead(workflow({ a: {}, b: {} }));
    expect(run.end("a", 1, "canceled")).toEqual(["finish failed"]);
    expect(run.state().error?.code).toBe("canceled");
  });
});

describe("vars", () => {
  const shown = ({ vars }: { vars?: unknown }) => vars as never;

  it("are there from the start, and take what a step gives under the name that it says", () => {
    const around = { vars: () => ({ n: 1, mode: "quick" }) };
    const run = lead(workflow({ a: { saveAs: "n" }, b: { with: shown } }, shown, around));
    run.end("a", 1, "success", { output: 7 });
    expect(run.state().steps["b"]?.slots[0]?.input).toEqual({ n: 7, mode: "quick" });
    expect(run.end("b")).toEqual(["finish success"]);
    expect(run.state()).toMatchObject({ vars: { n: 7 }, output: { n: 7, mode: "quick" } });
  });

  it("stay as they were where the step is skipped or has no output", () => {
    const around = { vars: () => ({ n: 1 }) };
    const run = lead(
      workflow(
        { a: { saveAs: "n", if: () => false }, b: { saveAs: "n", onError: "continue" } },
        undefined,
        around,
      ),
    );
    run.end("b", 1, "failed");
    expect(run.state().vars).toEqual({ n: 1 });
  });

  it("take the list of a for_each some of whose items failed, where the run goes on", () => {
    const run = lead(
      workflow({ a: { saveAs: "all", forEach: () => [1, 2], onError: "continue" } }),
    );
    run.end("a#0", 1, "success", { output: "x" });
    run.end("a#1", 1, "failed");
    expect(run.state()).toMatchObject({ status: "success", vars: { all: ["x", null] } });
  });

  it("that cannot be evaluated fail the run before any step", () => {
    const run = lead(workflow({ a: {} }, undefined, { vars: missing, finally: { z: {} } }));
    expect(run.first).toEqual(["dispatch z/1"]);
    expect(run.end("z")).toEqual(["finish failed"]);
    expect(run.state().error?.message).toBe("vars: there is no field x");
    expect(run.phases()).toEqual({ a: "canceled", z: "success" });
  });
});
