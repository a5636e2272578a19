import { advance, begin, compileExpression, type WorkflowDefinition } from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { NOOP, workflowOf } from "../../../test/workflows.ts";
import { stepRecords } from "./step-records.ts";

const FACTS = { id: "r", ref: "t", created_at: "2026-01-01T00:00:00.000Z" };

function until(source: string) {
  const compiled = compileExpression(source, { variables: { round: true } }, "bool");
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return compiled.value;
}

/** Two rounds that are undone, a step that fails, and a `finally`. */
function definition(): WorkflowDefinition {
  const plain = workflowOf("t", [
    { id: "poll", action: NOOP },
    { id: "bad", action: NOOP },
  ]);
  const last = workflowOf("t", [{ id: "last", action: NOOP }]);
  const [poll, bad] = plain.steps;
  if (poll === undefined || bad === undefined) throw new Error("two steps (u3k1)");
  const undo = { ...bad, id: "poll~undo", needs: [] };
  const repeat = { until: until("round == 2"), max: 5, delayMs: 1_000 };
  return { ...plain, steps: [{ ...poll, repeat, undo }, bad], finally: last.steps };
}

test("rounds, pauses, what is undone and the steps of a cleanup are there to be seen", () => {
  const workflow = definition();
  let { state } = begin(workflow, {}, FACTS, 0);
  const end = (slot: string, status: "success" | "failed"): void => {
    const event = { type: "attempt_ended", slot, number: 1, status, at: 1, random: 0 } as const;
    state = advance(workflow, state, [event]).state;
  };
  end("poll#0", "success");
  expect(stepRecords(workflow, state, [])).toMatchObject([
    {
      id: "poll",
      status: "waiting",
      reason: "waits between two rounds or attempts",
      items: null,
      rounds: [
        { index: 0, status: "success" },
        { index: 1, status: "waiting" },
      ],
    },
    { id: "bad", status: "queued" },
  ]);
  state = advance(workflow, state, [{ type: "timer_due", slot: "poll#1", number: 1, at: 1 }]).state;
  end("poll#1", "success");
  end("bad", "failed");
  end("poll#1~undo", "success");
  end("poll#0~undo", "failed");
  const [poll, , last] = stepRecords(workflow, state, []);
  expect(poll?.rounds?.map(({ undo }) => [undo?.status, undo?.uses])).toEqual([
    ["failed", "core.noop"],
    ["success", "core.noop"],
  ]);
  expect(last).toMatchObject({ id: "last", section: "finally", status: "queued" });
});

test("a step whose run is asked to stop waits for that run, and is not queued", () => {
  const called = { ...NOOP, ref: "t.called", runner: { kind: "workflow" } } as const;
  const workflow = workflowOf("t", [{ id: "part", action: called }]);
  const { state } = begin(workflow, {}, FACTS, 0);
  const stopped = advance(workflow, state, [{ type: "cancel_requested", at: 1, by: "me" }]).state;
  expect(stepRecords(workflow, stopped, [])).toMatchObject([
    { id: "part", status: "waiting", reason: "waits for the run that it started" },
  ]);
});

test("an item says what it was called with, once its turn has come", () => {
  const each = { id: "each", action: NOOP, forEach: "input.ns", concurrency: 1 };
  const workflow = workflowOf("t", [{ ...each, with: { n: "${{ item * 2 }}" } }]);
  const { state } = begin(workflow, { ns: [1, 2] }, FACTS, 0);
  const ended = { type: "attempt_ended", slot: "each#0", number: 1, at: 1, random: 0 } as const;
  const [first] = stepRecords(workflow, state, []);
  expect(first?.items?.map(({ input }) => input)).toEqual([{ n: 2 }, undefined]);
  const next = advance(workflow, state, [{ ...ended, status: "success" }]).state;
  const [second] = stepRecords(workflow, next, []);
  expect(second?.items?.map(({ input }) => input)).toEqual([{ n: 2 }, { n: 4 }]);
});
