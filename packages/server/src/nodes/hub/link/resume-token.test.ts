import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createResumeTokens } from "./resume-token.ts";

test("a resume token tells the epoch to its own node, unchanged, and to nobody else", () => {
  const key = randomBytes(32);
  const token = createResumeTokens(key).make("a", 12);
  const { epochOf } = createResumeTokens(key);
  expect(epochOf("a", token)).toBe(12);
  expect(epochOf("b", token)).toBeUndefined();
  expect(epochOf("a", token.replace("rt_12_", "rt_13_"))).toBeUndefined();
  expect(createResumeTokens(randomBytes(32)).epochOf("a", token)).toBeUndefined();
});
