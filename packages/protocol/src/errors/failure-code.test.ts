import { expect, test } from "vitest";
import { failureCode } from "../index.ts";

test.each([
  [Object.assign(new Error("gone"), { code: "ENOENT" }), "ENOENT"],
  [Object.assign(new Error("odd"), { code: 7 }), undefined],
  [new Error("plain"), undefined],
  [{ code: "ENOENT" }, undefined],
  [null, undefined],
])("the code of a failure is a text on an error: %#", (thrown, code) => {
  expect(failureCode(thrown)).toBe(code);
});
