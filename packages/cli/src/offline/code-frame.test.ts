import { expect, test } from "vitest";
import { PLAIN } from "../output/paint.ts";
import { codeFrame } from "./code-frame.ts";

const at = (line: number, column: number) => ({ file: "a.yaml", line, column, message: "no" });

test("shows the line, the one before it, and the column", () => {
  const text = "steps:\n  - id: a\n    concurency: 4\n";
  expect(codeFrame(text, at(3, 5), PLAIN)).toEqual([
    "  2 │   - id: a",
    "> 3 │     concurency: 4",
    "    │     ^",
  ]);
  expect(codeFrame(text, at(1, 1), PLAIN)).toEqual(["> 1 │ steps:", "    │ ^"]);
});

test("shows of a long line what is around the column, and no control characters", () => {
  const [line = "", mark = ""] = codeFrame(`${"x".repeat(5_000)}!\x1b[2J`, at(1, 5_001), PLAIN);
  expect(line.length).toBeLessThan(150);
  expect(line[mark.indexOf("^")]).toBe("!");
  expect(line).not.toContain("\x1b");
});

test("is empty for a place that the text does not have", () => {
  expect(codeFrame("", at(1, 1), PLAIN)).toEqual([]);
  expect(codeFrame("a: 1\n", at(9, 1), PLAIN)).toEqual([]);
});
