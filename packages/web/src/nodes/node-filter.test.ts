import { expect, test } from "vitest";
import { readNodeFilter, statusesOf } from "./node-filter.ts";

test("takes from an address what is a filter, and leaves out what is none", () => {
  expect(readNodeFilter({ status: "revoked", label: " gpu " })).toEqual({
    status: "revoked",
    label: "gpu",
  });
  expect(readNodeFilter({ status: "asleep", label: "" })).toEqual({});
});

test("counts a node whose link was just lost among those that are connected", () => {
  expect(statusesOf("connected")).toContain("reconnecting");
  expect(statusesOf("never_seen")).toBe("never_seen");
  expect(statusesOf(undefined)).toBeUndefined();
});
