import type { Decision } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import type { EventRecord } from "../events/index.ts";
import type { CurrentRules } from "./current-rules.ts";
import { explainEvent } from "./explain-event.ts";

const EVENT = {
  ...{ id: "e1", type: "schedule.due", source: "/tasks/t.t" },
  receivedAt: "2026-01-01T00:00:00.000Z",
} as EventRecord;
const NO_RULES = { all: [], rulesFor: () => [] } as unknown as CurrentRules;

const decided = (more: Partial<Decision>): Decision =>
  ({
    ...{ rule: "task:t.t", status: "matched", clause: null, reason: null, run_id: null },
    ...{ replay: 0, ...more },
  }) as Decision;

it("a fire of which no run could be made is of its task, with the way out for tasks", () => {
  const told = explainEvent(EVENT, [decided({ status: "error", reason: "with: no" })], NO_RULES);
  expect(told.summary).toBe("A task was due: 1 error.");
  expect(told.chain[1]).toBe("Task t.t could not be judged (with: no).");
  expect(told.unblock.join()).toContain("yard tasks show t.t");
  expect(told.unblock.join()).toContain("yard tasks run-now t.t");
  expect(told.unblock.join()).not.toContain("--rule");
});

it("what was missed is held back, and no rule is to be resumed for it", () => {
  const told = explainEvent(EVENT, [decided({ status: "held", reason: "missed" })], NO_RULES);
  expect(told.chain[1]).toBe("Task t.t was held back (missed).");
  expect(told.unblock).toEqual([]);
});

it("a rule that listens to fires is counted beside the task", () => {
  const told = explainEvent(EVENT, [decided({}), decided({ rule: "t.r" })], NO_RULES);
  expect(told.summary).toBe("A task was due, one rule listens on it: 2 matched.");
});

it("where nobody listened, the packs are named that could not be taken up", () => {
  const told = explainEvent(EVENT, [], NO_RULES, ["mine"]);
  expect(told.chain).toContainEqual(expect.stringContaining("The pack mine could not be taken up"));
  expect(told.unblock[0]).toBe("See what is wrong with mine: yard packs.");
  expect(explainEvent(EVENT, [], NO_RULES).chain.join()).not.toContain("taken up");
});
