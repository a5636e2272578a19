import { expect, test } from "vitest";
import { readRulePlace } from "./rule-place.ts";

test("reads what the address of a rule says, and passes over what is none", () => {
  const event = "0197a1b2-0000-7000-8000-000000000001";
  expect(readRulePlace({ status: "held", before: `${event}.0.a.b`, event, page: 3 })).toEqual({
    ...{ status: "held", before: `${event}.0.a.b`, event },
  });
  expect(readRulePlace({ status: "unheard", before: 7, event: "yesterday" })).toEqual({});
});
