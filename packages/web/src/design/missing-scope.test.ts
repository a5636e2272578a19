import { AppError } from "@yardmaster/protocol/core";
import { expect, test } from "vitest";
import { missingScope } from "./missing-scope.ts";

test("names the scope that a token lacks, and none where something else is wrong", () => {
  const message = "lacks the scope events:read";
  const errors = [{ path: "Authorization", message, expected: "events:read" }];
  expect(missingScope(new AppError("forbidden", message, { errors }))).toBe("events:read");
  expect(missingScope(new AppError("forbidden", "not from here"))).toBeUndefined();
  expect(missingScope(new AppError("invalid_input", message, { errors }))).toBeUndefined();
  expect(missingScope(new Error("broken"))).toBeUndefined();
});
