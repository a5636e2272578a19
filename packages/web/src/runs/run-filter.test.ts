import { expect, test } from "vitest";
import { readRunFilter } from "./run-filter.ts";

test("reads the filter of an address and passes over what is none", () => {
  expect(readRunFilter({ status: "failed", ref: " a.b ", page: 3 })).toEqual({
    status: "failed",
    ref: "a.b",
  });
  expect(readRunFilter({ status: "skipped", ref: 7 })).toEqual({});
});
