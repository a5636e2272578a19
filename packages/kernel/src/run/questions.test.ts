import type { Json } from "@yardmaster/protocol";
import { describe, expect, it } from "vitest";
import { compileValidator } from "../schema/index.ts";
import {
  type AttemptEnded,
  boundResults,
  isQuestionOver,
  MAX_RESULTS_BYTES,
  type RunEvent,
  timeKey,
} from "./index.ts";
import {
  ASK,
  answered,
  CANCEL,
  due,
  ended,
  lead,
  type StepSketch,
  WORK,
  workflow,
} from "./testing/build.ts";

const asking = (given: Json, more: StepSketch = {}): StepSketch => ({
  action: ASK,
  with: () => given,
  ...more,
});
const QUESTION = { prompt: "?", schema: { ok: "boolean!" } };
const TIMED = { ...QUESTION, timeout: "1m" };
const TIME = timeKey("a");
/** Without the fingerprint of what is asked. */
const kinds = (effects: readonly string[]): string[] =>
  effects.map((line) => line.replace(/^(ask \S+) .*/, "$1"));

describe("a step that asks", () => {
  it("opens a question, and has the answer as its output", () => {
    const run = lead(workflow({ a: asking(QUESTION), b: {} }));
    expect(kinds(run.first)).toEqual(["ask a/1"]);
    expect(isQuestionOver(run.state(), { slot: "a", number: 1 })).toBe(false);
    expect(run.post(answered("a", 2, { ok: true }))).toEqual([]);
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.post(answered("a", 1, { ok: true }))).toEqual([
      "inquiry a/1 answered",
      "dispatch b/1",
    ]);
    expect(run.state().steps["a"]).toMatchObject({
      ...{ phase: "success", output: { ok: true } },
      slots: [{ attempts: [{ number: 1, status: "success", startedAt: 0, endedAt: 1_000 }] }],
    });
    expect(run.post(answered("a", 1, { ok: false }))).toEqual([]);
    expect(run.verdicts()).toEqual(["late"]);
    expect(isQuestionOver(run.state(), { slot: "a", number: 1 })).toBe(true);
    // Of what the state does not know yet a later one may.
    for (const place of [
      { slot: "a", number: 2 },
      { slot: "a#1", number: 1 },
      { slot: "z", number: 1 },
    ])
      expect(isQuestionOver(run.state(), place)).toBe(false);
  });

  it("with a time has a timer of its own name, which goes with the answer", () => {
    const run = lead(workflow({ a: asking(TIMED) }));
    expect(kinds(run.first)).toEqual(["ask a/1", `timer ${TIME}/1 +60000`]);
    expect(run.post(answered("a", 1, { ok: true }))).toEqual([
      ...["inquiry a/1 answered", `stop ${TIME}/1`],
      "finish success",
    ]);
  });

  it("takes its default when the time is over, or times out, and is late for an answer then", () => {
    const falls = lead(workflow({ a: asking({ ...TIMED, default: { ok: false } }) }));
    expect(falls.post(due(TIME))).toEqual(["inquiry a/1 timed_out", "finish success"]);
    expect(falls.state().steps["a"]?.output).toEqual({ ok: false });
    const run = lead(workflow({ a: asking(TIMED, { onError: "continue" }), b: {} }));
    expect(run.post(due(TIME))).toEqual(["inquiry a/1 timed_out", "dispatch b/1"]);
    expect(run.phases()).toMatchObject({ a: "timed_out" });
    expect(run.state().steps["a"]?.error?.message).toBe("nobody answered within 60 s");
    run.post(answered("a", 1, { ok: true }));
    expect(run.verdicts()).toEqual(["late"]);
  });

  it("asks anew when it is tried again, and a delay that is told twice does not end that question", () => {
    const retry = { attempts: 2, delayMs: 500 };
    const run = lead(workflow({ a: asking(TIMED, { retry }) }));
    expect(run.post(due(TIME))).toEqual(["inquiry a/1 timed_out", "timer a/2 +500"]);
    expect(kinds(run.post(due("a", 2)))).toEqual(["ask a/2", `timer ${TIME}/2 +60000`]);
    run.post(due("a", 2));
    expect(run.verdicts()).toEqual(["late"]);
    run.post(answered("a", 1, { ok: true }));
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.post(due(TIME, 2)).at(-1)).toBe("finish failed");
  });

  it("is withdrawn with its timer when the run is canceled, out of time, or fails", () => {
    const around = { timeoutMs: 5_000 };
    const steps = { a: asking(TIMED), b: { needs: [] } };
    const stops: [RunEvent, string][] = [
      [CANCEL, "canceling"],
      [due("@timeout"), "timing_out"],
      [ended("b", 1, "failed"), "ended"],
    ];
    for (const [event, phase] of stops) {
      const run = lead(workflow(steps, undefined, around));
      expect(run.post(event)).toEqual(
        expect.arrayContaining(["inquiry a/1 canceled", `stop ${TIME}/1`]),
      );
      expect([run.phases()["a"], run.state().phase]).toEqual(["canceled", phase]);
    }
  });

  it("is asked by nobody where it would be withdrawn in the same moment", () => {
    const steps = { a: {}, b: { needs: [] }, q: asking(TIMED, { needs: ["a"] }) };
    const run = lead(workflow(steps));
    expect(run.post(ended("a", 1), ended("b", 1, "failed"))).toEqual(["finish failed"]);
    expect(run.phases()).toMatchObject({ q: "canceled" });
  });

  it("asks for each item, and what is undone may be asked about", () => {
    const undo = { action: ASK, with: () => ({ prompt: "Undone?" }) };
    const run = lead(
      workflow({ a: asking(QUESTION, { forEach: () => [1, 2], concurrency: 1, undo }), b: {} }),
    );
    expect(kinds(run.first)).toEqual(["ask a#0/1"]);
    expect(kinds(run.post(answered("a#0", 1, { ok: true })))).toEqual([
      ...["inquiry a#0/1 answered", "ask a#1/1"],
    ]);
    run.post(answered("a#1", 1, { ok: false }));
    expect(run.state().steps["a"]?.output).toEqual([{ ok: true }, { ok: false }]);
    expect(kinds(run.post(ended("b", 1, "failed")))).toEqual(["ask a#1~undo/1"]);
    expect(kinds(run.post(answered("a#1~undo", 1, {})))).toEqual([
      ...["inquiry a#1~undo/1 answered", "ask a#0~undo/1"],
    ]);
    expect(run.post(answered("a#0~undo", 1, {})).at(-1)).toBe("finish failed");
  });

  it.each([
    [{ prompt: "?", schema: { ok: "truth" } }, '/schema/ok "truth" is not a type'],
    [{ ...TIMED, default: { ok: 1 } }, "/default/ok default does not fit the schema"],
    [{ prompt: "?", default: {} }, "/default is the answer when nobody"],
  ])("fails by what is no question: %j", (given, message) => {
    const run = lead(workflow({ a: asking(given) }));
    expect(run.first).toEqual(["finish failed"]);
    expect(run.state().steps["a"]?.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
  });

  it("fails by an answer that finds no room beside the results of the run", () => {
    const run = lead(workflow({ a: asking({ prompt: "?" }) }));
    const full = { ...run.state(), resultBytes: MAX_RESULTS_BYTES };
    const [event] = boundResults(full, [answered("a", 1, { text: "x" })]);
    expect(event).toMatchObject({ answer: {}, error: { code: "limit_exceeded" } });
    expect(run.post(event as RunEvent)).toEqual(["inquiry a/1 answered", "finish failed"]);
  });
});

it("with a blank prompt fails its step, and asks nobody", () => {
  const run = lead(workflow({ a: asking({ prompt: " " }) }));
  expect(kinds(run.first)).toEqual(["finish failed"]);
  expect(run.state().steps["a"]?.error?.message).toContain("prompt is blank");
});

describe("a step with on_lost: ask", () => {
  const output = compileValidator({ type: "integer" });
  const watched = { action: { ...WORK, output, asksOnLost: true as const } };
  const lost = (number: number, more: Partial<AttemptEnded> = {}): RunEvent =>
    ended("a", number, "lost", more);
  const decide = (number: number, decision: string, more: object = {}): RunEvent =>
    answered("a", number, { decision, ...more });

  it("asks before the attempt that follows a loss, and runs again when a person says so", () => {
    const run = lead(workflow({ a: watched }));
    expect(kinds(run.post(lost(1)))).toEqual(["ask a/2"]);
    expect(run.post(decide(2, "repeat"))).toEqual(["inquiry a/2 answered", "dispatch a/2"]);
    run.post(decide(2, "fail"));
    expect(run.verdicts()).toEqual(["late"]);
    expect(run.end("a", 2, "success", { output: 4 })).toEqual(["finish success"]);
    expect(run.state().steps["a"]?.slots[0]).toMatchObject({ tries: 1, output: 4 });
  });

  it("tells a person which item it was, with which input, by which key, and what output fits", () => {
    const items = ["x", "y".repeat(2_000)];
    const each = { ...watched, forEach: () => items, with: () => ({ order: 7 }) };
    const run = lead(workflow({ a: each }));
    run.post(ended("a#1", 1, "lost"));
    const question = run.effects().flatMap((one) => (one.type === "ask" ? [one.question] : []))[0];
    expect(question?.title).toBe('Attempt 1 of step "a#1" was lost');
    expect(question?.prompt).toContain("was stopped or died while it ran");
    expect(question?.prompt).toContain(`\nItem: "${"y".repeat(299)}…\nInput: {"order":7}\n`);
    expect(question?.prompt).toMatch(/\nIdempotency key: [^\s/]+\/a#1\n/);
    expect(question?.schema).toMatchObject({
      properties: { output: { type: "integer", description: expect.any(String) } },
    });
  });

  it("ends with the output that a person gives, where that is what the action declares", () => {
    const run = lead(workflow({ a: watched }));
    run.post(lost(1));
    expect(run.post(decide(2, "done", { output: 7 }))).toEqual([
      ...["inquiry a/2 answered", "finish success"],
    ]);
    expect(run.state().steps["a"]?.output).toBe(7);
    const wrong = lead(workflow({ a: watched }));
    wrong.post(lost(1));
    wrong.post(decide(2, "done", { output: "7" }));
    expect(wrong.state().steps["a"]?.error).toMatchObject({ code: "invalid_output" });
  });

  it("fails when a person says so, however often it may be tried", () => {
    const run = lead(workflow({ a: { ...watched, retry: { attempts: 5 } } }));
    run.post(lost(1));
    expect(run.post(decide(2, "fail"))).toEqual(["inquiry a/2 answered", "finish failed"]);
    expect(run.state().steps["a"]?.error).toEqual({
      code: "worker_lost",
      message: "attempt 1 was lost with its worker, and token:ann decided that it failed",
    });
  });

  it("fails by three losses in a row, and asks nothing about what no worker could begin", () => {
    const run = lead(workflow({ a: watched }));
    expect(run.post(lost(1, { givenBack: true, begun: false }))).toEqual(["dispatch a/2"]);
    run.post(lost(2));
    run.post(decide(3, "repeat"));
    run.post(lost(3));
    run.post(decide(4, "repeat"));
    expect(run.post(lost(4))).toEqual(["finish failed"]);
    expect(run.state().steps["a"]?.error?.code).toBe("worker_lost");
  });

  it("asks nobody in a run that starts nothing more", () => {
    const run = lead(workflow({ a: watched, b: { needs: [] } }));
    run.post(ended("b", 1, "failed"));
    expect(run.post(lost(1))).toEqual(["finish failed"]);
    expect(run.phases()).toMatchObject({ a: "canceled" });
  });
});
