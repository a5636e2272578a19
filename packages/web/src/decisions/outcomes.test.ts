import type { Decision } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { countLast, judgedText, outcomeOf } from "./outcomes.ts";

const NONE = { matched: 0, not_matched: 0, held: 0, error: 0 };

test("lets an error stand out before what is held, and that before what matched", () => {
  expect(outcomeOf({ matched: 3, not_matched: 9, held: 1, error: 1 })).toBe("error");
  expect(outcomeOf({ matched: 3, not_matched: 9, held: 1, error: 0 })).toBe("held");
  expect(outcomeOf({ matched: 1, not_matched: 9, held: 0, error: 0 })).toBe("matched");
  expect(outcomeOf({ ...NONE, not_matched: 2 })).toBe("not_matched");
  expect(outcomeOf(NONE)).toBe("unheard");
});

test("counts what was said where more than one judged, and says nothing twice", () => {
  expect(judgedText({ matched: 2, not_matched: 1, held: 0, error: 1 })).toBe(
    "1 error, 2 matched, 1 not matched",
  );
  expect(judgedText({ ...NONE, matched: 2 })).toBe("2 matched");
  expect(judgedText({ ...NONE, matched: 1 })).toBe("");
  expect(judgedText(NONE)).toBe("");
});

test("counts of each rule what it said last, in whatever order the decisions come", () => {
  const said = (rule: string, status: Decision["status"], replay: number): Decision => ({
    ...{ id: "", event_id: "", rule, status, replay, clause: null, reason: null, run_id: null },
    decided_at: "2026-01-01T00:00:00.000Z",
  });
  const decisions = [said("a", "held", 0), said("b", "error", 0), said("a", "matched", 2)];
  for (const order of [decisions, decisions.toReversed()])
    expect(countLast(order)).toEqual({ ...NONE, matched: 1, error: 1 });
});
