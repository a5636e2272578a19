import { expect, test } from "vitest";
import { readQueueFilter } from "./queue-filter.ts";

test("takes from an address what is a filter, and leaves out what is none", () => {
  expect(readQueueFilter({ status: "held" })).toEqual({ status: "held" });
  expect(readQueueFilter({ status: "asleep" })).toEqual({});
});
