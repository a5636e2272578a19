import { expect, test } from "vitest";
import { parseYamlText, yamlExcess } from "./index.ts";

const MIB = 1024 * 1024;

test("what a text of YAML holds is counted by its tokens, however many bytes they have", () => {
  const lines = (count: number): string => "key: value\n".repeat(count);
  expect(yamlExcess(lines(7_000))).toBeUndefined();
  expect(yamlExcess(`text: |\n${"  a line of a text\n".repeat(50_000)}`)).toBeUndefined();
  expect(yamlExcess(lines(50_000))).toBe(
    "it has more than 50,000 tokens of YAML, of which a line `key: value` has about seven: so many are in its first 92,859 of 550,000 characters",
  );
});

test.each([
  ["lists", "- a\n".repeat(MIB / 4)],
  ["brackets that close nothing", "]".repeat(MIB)],
  ["commas", `[${",".repeat(MIB)}`],
  ["empty lines", `a: 1\n${"\n".repeat(MIB)}`],
  ["escapes, each of which may be an error", `"${"\\`".repeat(MIB / 2)}"`],
])("too many %s are refused before they are parsed", (_name, text) => {
  expect(yamlExcess(text)).toContain("more than 50,000 tokens");
});

test("errors without number are made without their stacks, and others keep theirs", () => {
  const [first] = parseYamlText("]").errors;
  expect(first?.stack).not.toContain("\n    at ");
  expect(new Error("another").stack).toContain("\n    at ");
});

test("keys are not compared with one another, which took seconds of 20,000", () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join("");
  const started = performance.now();
  expect(parseYamlText(text).errors).toEqual([]);
  expect(performance.now() - started).toBeLessThan(5_000);
});
