import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";

test.each([
  [["db", "move"], "Say where to"],
  [["db", "copy", "embedded", "--target-env", "T"], "not both"],
  [["db", "copy", "--target-env", "T"], "T is not set"],
])("%j says what is missing", async (argv, why) => {
  const { exitCode, stderr } = await callYard(argv);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
});
