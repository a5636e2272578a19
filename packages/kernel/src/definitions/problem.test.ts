import { expect, it } from "vitest";
import {
  createProblemList,
  formatProblem,
  MAX_PROBLEMS,
  type Problem,
  problemAsFieldError,
} from "./problem.ts";

it("tells the first problems by their place, and of the others how many there are", () => {
  const list = createProblemList();
  const lines = Array.from({ length: 80_000 }, (_, i) => ((i * 7_919) % 80_000) + 1);
  for (const line of lines) list.report({ file: "a.yaml", line, column: 1 }, `wrong ${line}`);
  const told = list.sorted();
  expect(told).toHaveLength(MAX_PROBLEMS + 1);
  expect(told.slice(0, -1).map((problem) => problem.line)).toEqual(
    Array.from({ length: MAX_PROBLEMS }, (_, i) => i + 1),
  );
  expect(told.at(-1)).toEqual({
    file: "a.yaml",
    line: MAX_PROBLEMS,
    column: 1,
    message: "79800 more problems from here on",
    hint: "put these right first",
  });
});

it("tells all of them up to the limit, and those of one place in the order of their reports", () => {
  const list = createProblemList();
  for (let i = 1; i <= MAX_PROBLEMS; i++)
    list.report({ file: "a.yaml", line: 1, column: 1 }, `wrong ${i}`);
  expect(list.sorted().map((problem) => problem.message)).toEqual(
    Array.from({ length: MAX_PROBLEMS }, (_, i) => `wrong ${i + 1}`),
  );
  list.report({ file: "b.yaml", line: 1, column: 1 }, "one more");
  expect(list.sorted().at(-1)?.message).toBe("1 more problem from here on");
});

it("names a place in a file, and none of the folder itself", () => {
  const wrong: Problem = {
    file: "a.yaml",
    line: 2,
    column: 3,
    message: "is wrong",
    hint: "mend it",
  };
  expect(formatProblem(wrong)).toBe("a.yaml:2:3: is wrong (mend it)");
  expect(problemAsFieldError(wrong).path).toBe("a.yaml:2:3");
  const gone: Problem = { file: ".", line: 1, column: 1, message: "there is no such folder" };
  expect(formatProblem(gone)).toBe("there is no such folder");
  expect(problemAsFieldError(gone).path).toBe(".");
});
