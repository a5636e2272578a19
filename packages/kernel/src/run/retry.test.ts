import type { WorkError } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import type { Scope } from "../expressions/index.ts";
import { MAX_PAUSES_IN_ROW } from "./slots/ends.ts";
import { CANCEL, lead, type StepSketch, workflow } from "./testing/build.ts";

const one = (a: StepSketch) => lead(workflow({ a }));
const EXPONENTIAL = {
  attempts: 5,
  backoff: "exponential",
  delayMs: 1_000,
  maxDelayMs: 3_000,
} as const;

describe("a step that fails", () => {
  it("is tried as often as its policy says, lost tries not counted", () => {
    const run = one({ retry: { attempts: 2 } });
    expect(run.end("a", 1, "lost")).toEqual(["dispatch a/2"]);
    expect(run.end("a", 2, "failed")).toEqual(["dispatch a/3"]);
    expect(run.end("a", 3, "lost")).toEqual(["dispatch a/4"]);
    expect(run.end("a", 4, "timed_out")).toEqual(["finish failed"]);
    expect(run.state().steps["a"]).toMatchObject({ phase: "timed_out", slots: [{ tries: 2 }] });
  });

  it("is tried again where the condition of its policy holds for the error, and says why where not", () => {
    const retry = { attempts: 5, if: (s: Scope) => (s["error"] as WorkError).code === "timed_out" };
    const run = one({ retry });
    expect(run.end("a", 1, "timed_out")).toEqual(["dispatch a/2"]);
    const error = { code: "process_exit", message: "code 1" } as const;
    expect(run.end("a", 2, "failed", { error })).toEqual(["finish failed"]);
    expect(run.state().steps["a"]?.error).toEqual({
      code: "process_exit",
      message: "code 1 (not tried again, not so: test)",
    });
  });

  it("waits longer each time, up to the longest delay", () => {
    const run = one({ retry: EXPONENTIAL });
    expect(run.end("a", 1, "failed")).toEqual(["dispatch a/2 +1000"]);
    expect(run.end("a", 2, "failed")).toEqual(["dispatch a/3 +2000"]);
    expect(run.end("a", 3, "failed")).toEqual(["dispatch a/4 +3000"]);
  });

  it("waits by its counted tries: a loss between makes no step of the backoff", () => {
    const run = one({ retry: EXPONENTIAL });
    run.end("a", 1, "failed");
    expect(run.end("a", 2, "lost")).toEqual(["dispatch a/3"]);
    expect(run.end("a", 3, "failed")).toEqual(["dispatch a/4 +2000"]);
  });

  it("takes the random share of its delay from the event, so that a replay waits the same", () => {
    const retry = { attempts: 2, delayMs: 1_000, jitter: 0.5 };
    expect(one({ retry }).end("a", 1, "failed", { random: 1 })).toEqual(["dispatch a/2 +500"]);
    expect(one({ retry }).end("a", 1, "failed", { random: 0.5 })).toEqual(["dispatch a/2 +750"]);
  });

  it("is not tried again where its input is what failed", () => {
    const run = one({ retry: { attempts: 3 } });
    const error = { code: "invalid_input", message: "no" } as const;
    expect(run.end("a", 1, "failed", { error })).toEqual(["finish failed"]);
  });

  it("is not tried again when the run fails meanwhile", () => {
    const run = lead(workflow({ a: { retry: { attempts: 3 } }, b: { needs: [] } }));
    expect(run.end("b", 1, "failed")).toEqual([]);
    expect(run.end("a", 1, "failed")).toEqual(["finish failed"]);
  });
});

describe("a step whose agent has reached a limit of its provider", () => {
  const limit = (retry_after_ms?: number) => ({
    error: {
      code: "agent_limit",
      message: "the limit is reached",
      details: retry_after_ms === undefined ? {} : { retry_after_ms },
    } as const,
  });

  it("waits for its end, which counts as no try, whatever the policy says", () => {
    const run = one({ retry: { attempts: 1 } });
    expect(run.end("a", 1, "failed", limit(3_600_000))).toEqual(["dispatch a/2 +3600000"]);
    expect(run.end("a", 2, "failed", limit(60_000))).toEqual(["dispatch a/3 +60000"]);
    expect(run.state().steps["a"]).toMatchObject({ slots: [{ tries: 0 }] });
    expect(run.end("a", 3, "failed")).toEqual(["finish failed"]);
  });

  it("waits at most eight days, and not for ever", () => {
    const run = one({});
    expect(run.end("a", 1, "failed", limit(1e12))).toEqual([`dispatch a/2 +${8 * 86_400_000}`]);
    for (let number = 2; number <= MAX_PAUSES_IN_ROW; number++)
      expect(run.end("a", number, "failed", limit(60_000))).toHaveLength(1);
    expect(run.end("a", MAX_PAUSES_IN_ROW + 1, "failed", limit(60_000))).toEqual(["finish failed"]);
  });

  it("is tried by its policy where that end is not known", () => {
    const run = one({ retry: { attempts: 2, delayMs: 1_000 } });
    expect(run.end("a", 1, "failed", limit())).toEqual(["dispatch a/2 +1000"]);
    expect(run.end("a", 2, "failed", limit())).toEqual(["finish failed"]);
  });

  it("does not wait when the run starts nothing more", () => {
    const run = lead(workflow({ a: {}, b: { needs: [] } }));
    expect(run.end("b", 1, "failed")).toEqual([]);
    expect(run.end("a", 1, "failed", limit(60_000))).toEqual(["finish failed"]);
  });
});

describe("a step whose agent failed", () => {
  it.each(["turn_limit", "budget", "refused", "auth", "billing", "config"])(
    "is not tried again for %s: it would come again",
    (outcome) => {
      const error = { code: "agent_failed", message: "no", details: { outcome } } as const;
      const run = one({ retry: { attempts: 3 } });
      expect(run.end("a", 1, "failed", { error })).toEqual(["finish failed"]);
    },
  );

  it("is tried again where it crashed or gave no sign", () => {
    const run = one({ retry: { attempts: 3 } });
    for (const [number, outcome] of [
      [1, "crashed"],
      [2, "stalled"],
    ] as const) {
      const error = { code: "agent_failed", message: "no", details: { outcome } } as const;
      expect(run.end("a", number, "failed", { error })).toHaveLength(1);
    }
  });
});

describe("a step whose workers are lost", () => {
  it("fails with worker_lost at the third loss in a row", () => {
    const run = one({ retry: { attempts: 9 } });
    run.end("a", 1, "lost");
    expect(run.end("a", 2, "lost")).toEqual(["dispatch a/3"]);
    expect(run.end("a", 3, "lost")).toEqual(["finish failed"]);
    expect(run.state()).toMatchObject({ error: { code: "worker_lost", details: { step: "a" } } });
  });

  it("counts its losses anew after a try that was not lost", () => {
    const run = one({ retry: { attempts: 9 } });
    run.end("a", 1, "lost");
    run.end("a", 2, "lost");
    run.end("a", 3, "failed");
    run.end("a", 4, "lost");
    expect(run.end("a", 5, "lost")).toEqual(["dispatch a/6"]);
  });

  it("is given up in a run that fails or is canceled", () => {
    const failing = lead(workflow({ a: {}, b: { needs: [] } }));
    failing.end("b", 1, "failed");
    expect(failing.end("a", 1, "lost")).toEqual(["finish failed"]);
    expect(failing.phases()).toEqual({ a: "canceled", b: "failed" });
    const canceling = one({});
    canceling.post(CANCEL);
    expect(canceling.end("a", 1, "lost")).toEqual(["finish canceled"]);
  });
});
