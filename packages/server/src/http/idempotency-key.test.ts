import { AppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { idempotencyKey } from "./idempotency-key.ts";

test.each([
  ["order-7", "order-7"],
  ["a,b;c=1", "a,b;c=1"],
  ['"order-7"', "order-7"],
  ['"order 7, of May"', "order 7, of May"],
  [String.raw`"a \"b\" \\ c"`, String.raw`a "b" \ c`],
  ["x".repeat(255), "x".repeat(255)],
  [`"${"x".repeat(255)}"`, "x".repeat(255)],
])("reads %s as the key %s", (header, key) => {
  expect(idempotencyKey(header)).toBe(key);
});

test.each([
  ["nothing", ""],
  ["an empty string", '""'],
  ["a space outside quotes", "order 7"],
  ["two headers, as they come joined", "one, two"],
  ["two strings", '"one", "two"'],
  ["a string that does not end", '"one'],
  ["an escape that there is not", '"\\n"'],
  ["parameters behind it", '"one";x=1'],
  ["what is not ASCII", "ordré"],
  ["256 characters", "x".repeat(256)],
  ["256 characters in quotes", `"${"x".repeat(256)}"`],
])("refuses %s, and says what a key is", (_what, header) => {
  expect(() => idempotencyKey(header)).toThrow(AppError);
  expect(() => idempotencyKey(header)).toThrow("1 to 255 visible ASCII characters, or a string");
});
