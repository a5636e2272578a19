import { expect, test } from "vitest";
import { idDigits, idEnding, idsFrom } from "./ids.ts";

test("a part of an id is its digits, dashes or not, when there are enough of them", () => {
  expect(idDigits("0197A1b2-0000-7")).toBe("0197a1b200007");
  expect(idDigits("-000000c1")).toBe("000000c1");
  for (const text of ["0197a", "0197a-", "greet1", "examples.greet", "", "0".repeat(33)])
    expect(idDigits(text)).toBeUndefined();
});

test("what ids begin with is a range of them, what they end with is a text", () => {
  expect(idsFrom("0197a1b20")).toEqual({
    first: "0197a1b2-0000-0000-0000-000000000000",
    last: "0197a1b2-0fff-ffff-ffff-ffffffffffff",
  });
  expect(idEnding("000000c1")).toBe("000000c1");
  expect(idEnding("1123456789abc")).toBe("1-123456789abc");
  expect(idEnding("8000123456789abc")).toBe("8000-123456789abc");
});
