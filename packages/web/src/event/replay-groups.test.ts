import type { Decision } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { replayGroups } from "./replay-groups.ts";

const said = (rule: string, status: Decision["status"], replay: number): Decision => ({
  ...{ id: "", event_id: "", rule, status, replay, clause: null, reason: null, run_id: null },
  decided_at: `2026-01-01T00:00:0${replay}.000Z`,
});

test("puts the last time an event was judged first, and in each what went wrong", () => {
  const decisions = [
    said("d", "not_matched", 0),
    said("c", "matched", 0),
    said("b", "error", 0),
    said("a", "held", 0),
    said("b", "matched", 2),
  ];
  const groups = replayGroups(decisions);
  expect(groups.map(({ replay, at }) => [replay, at])).toEqual([
    [2, "2026-01-01T00:00:02.000Z"],
    [0, "2026-01-01T00:00:00.000Z"],
  ]);
  expect(groups[1]?.decisions.map(({ rule }) => rule)).toEqual(["b", "a", "c", "d"]);
  expect(replayGroups([])).toEqual([]);
});
