import type { Rule } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { isMeant, readRulesFilter } from "./rules-filter.ts";

const RULE: Rule = {
  rule: "examples.on-assign",
  on: "gitea.issue_assign",
  if: null,
  run: "examples.greet",
  status: "paused",
  since: "2026-01-01T00:00:00.000Z",
  by: "token:me",
  matched: { count: 0, at_least: false, last_at: null },
  description: "An issue was assigned to the bot.",
};

test("reads the filter that an address says, and passes over what is none", () => {
  expect(readRulesFilter({ status: "off", text: " gitea ", page: 2 })).toEqual({
    status: "off",
    text: "gitea",
  });
  expect(readRulesFilter({ status: "broken", text: 7 })).toEqual({});
});

test("finds a rule by words of its name, its type, what it runs and what it is for", () => {
  for (const text of ["on-assign", "GITEA greet", "bot"])
    expect(isMeant(RULE, { text })).toBe(true);
  expect(isMeant(RULE, { text: "gitea github" })).toBe(false);
  expect(isMeant(RULE, { status: "paused" })).toBe(true);
  expect(isMeant(RULE, { status: "active", text: "bot" })).toBe(false);
});
