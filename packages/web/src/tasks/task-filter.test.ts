import { expect, test } from "vitest";
import { readTaskFilter } from "./task-filter.ts";

test("takes from an address what is a filter, and leaves out what is none", () => {
  expect(readTaskFilter({ status: "paused", q: " night " })).toEqual({
    status: "paused",
    q: "night",
  });
  expect(readTaskFilter({ status: "asleep", q: "", page: 3 })).toEqual({});
  expect(readTaskFilter({ q: 42 })).toEqual({ q: "42" });
});
