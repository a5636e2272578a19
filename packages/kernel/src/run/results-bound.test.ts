import { expect, test } from "vitest";
import type { AttemptEnded } from "./events.ts";
import { boundResults, MAX_RESULTS_BYTES } from "./results-bound.ts";
import { lead, workflow } from "./testing/build.ts";

const HALF = "x".repeat(MAX_RESULTS_BYTES / 2 - 2);

function ended(slot: string, output: string): AttemptEnded {
  return { type: "attempt_ended", slot, number: 1, status: "success", output, at: 1, random: 0 };
}

test("a result that finds no room beside those of its run fails its attempt and is not kept, and a small one does", () => {
  const run = lead(workflow({ a: { forEach: () => [1, 2, 3] } }));
  run.end("a#0", 1, "success", { output: HALF });
  const [first, second, third] = boundResults(run.state(), [
    ended("a#1", `${HALF}!`),
    ended("a#2", "small"),
    ended("a#1", HALF.slice(10)),
  ]);
  expect(first).toMatchObject({ status: "failed", error: { code: "limit_exceeded" } });
  expect(first).not.toHaveProperty("output");
  expect(second).toEqual(ended("a#2", "small"));
  expect(third).toMatchObject({ status: "success" });
});
