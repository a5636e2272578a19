import { expect, test } from "vitest";
import { labelWords, loadWords, readLabels } from "./node-words.ts";

test("reads labels as people write them, and writes them so", () => {
  const labels = readLabels(" os=linux, gpu,\n rack = a=7 ,");
  expect(labels).toEqual({ os: "linux", gpu: "", rack: "a=7" });
  expect(labelWords(labels)).toEqual(["os=linux", "gpu", "rack=a=7"]);
  expect(readLabels("  ")).toEqual({});
});

test("says of a label without a key how one is written", () => {
  expect(() => readLabels("os=linux, =7")).toThrow('The label "=7" has no key');
});

test("tells one call from several", () => {
  expect(loadWords({ calls: 1, jobs: 0, slots: 4 })).toBe("1 call, 0 of 4 jobs");
  expect(loadWords({ calls: 2, jobs: 4, slots: 4 })).toBe("2 calls, 4 of 4 jobs");
});
