import fc from "fast-check";
import { expect, test } from "vitest";
import { numberFlaw } from "./json-number.ts";

test.each([
  ["1e400", 0, "1e400 is too large for a number (put it in quotes)"],
  ['{"a\\"1e400":[1, -1E+999]}', 16, "-1E+999 is too large"],
  [`[${"9".repeat(400)}]`, 1, "… is too large"],
  ["[9007199254740993]", 1, "too big to be exact (put it in quotes if it is an id)"],
])("%s has a number that would not be what it says", (text, index, problem) => {
  expect(numberFlaw(text, "exact")).toMatchObject({ index });
  expect(numberFlaw(text, "exact")?.problem).toContain(problem);
});

test("what is read as it is written has no flaw, nor have texts that look like numbers", () => {
  for (const text of ['"1e400"', "1e308", "[9007199254740992, 0.1234567890123456789, 1e-400]"])
    expect(numberFlaw(text, "exact")).toBeUndefined();
  expect(numberFlaw("9007199254740993", "nearest")).toBeUndefined();
  expect(numberFlaw("[1e400]", "nearest")).toBeDefined();
});

test("a number that is too large is found wherever it stands", () => {
  for (let before = 0; before < 40; before++)
    for (const number of ["9007199254740993", "1e309", "1.5E+0309"])
      expect(numberFlaw(`${" ".repeat(before)}${number}`, "exact")?.index).toBe(before);
});

test("every JSON value that was written by us has none", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(numberFlaw(JSON.stringify(value), "nearest")).toBeUndefined();
    }),
  );
});
