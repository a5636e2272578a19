import { expect, test } from "vitest";
import { parseInt8, parseTimestamptz } from "./value-types.ts";

test.each([
  ["2026-03-01 10:20:30+00", "2026-03-01T10:20:30.000Z"],
  ["2026-03-01 10:20:30.5+00", "2026-03-01T10:20:30.500Z"],
  ["2026-03-01 10:20:30.123456+00", "2026-03-01T10:20:30.123Z"],
  ["2026-03-01 10:20:30+02", "2026-03-01T08:20:30.000Z"],
  ["2026-03-01 10:20:30.25-03:30", "2026-03-01T13:50:30.250Z"],
  ["infinity", "infinity"],
])("the time %s is read as %s", (text, expected) => {
  expect(parseTimestamptz(text)).toBe(expected);
});

test("big integers are numbers where that is exact, else text", () => {
  expect(parseInt8("9007199254740991")).toBe(9007199254740991);
  expect(parseInt8("9007199254740993")).toBe("9007199254740993");
});
