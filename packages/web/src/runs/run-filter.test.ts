import { expect, test } from "vitest";
import { readRunPlace } from "./run-filter.ts";

test("reads the place in the list that an address says, and passes over what is none", () => {
  const before = "0197a1b2-0000-7000-8000-000000000001";
  expect(readRunPlace({ status: "failed", ref: " a.b ", roots: true, before, page: 3 })).toEqual({
    status: "failed",
    ref: "a.b",
    roots: true,
    before,
  });
  expect(readRunPlace({ status: "skipped", ref: 7, roots: "no", before: "yesterday" })).toEqual({});
});
