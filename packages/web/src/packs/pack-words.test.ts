import type { Pack } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { contentWords, flawWords } from "./pack-words.ts";

const empty = {
  ...{ actions: [], workflows: [], rules: [], queues: [], agents: [], sources: [] },
  ...{ sensors: [], tasks: [], errors: [] },
} as unknown as Pack;

test("counts what is in a pack, and leaves out what it has none of", () => {
  expect(contentWords({ ...empty, workflows: ["a.b", "a.c"], rules: ["a.r"] })).toBe(
    "2 workflows, 1 rule",
  );
  expect(contentWords(empty)).toBe("Nothing in it");
});

test("counts what is wrong with it", () => {
  const flaw = { path: ".", message: "is empty" };
  expect(flawWords({ errors: [flaw] })).toBe("1 problem");
  expect(flawWords({ errors: [flaw, flaw] })).toBe("2 problems");
});
