import { expect, test } from "vitest";
import { formatSize, parseSize } from "./size.ts";

test.each([
  ["0B", 0],
  ["512KiB", 524_288],
  ["25MiB", 26_214_400],
  ["1GiB", 1_073_741_824],
  ["1000B", 1_000],
])("%s is %i bytes, and comes back as it was written", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
  expect(formatSize(bytes)).toBe(text);
});

test("a size may have a fraction that is a whole number of bytes", () => {
  expect(parseSize("1.5KiB")).toBe(1_536);
  expect(parseSize("1.5B")).toBeUndefined();
});

test.each(["", "1", "25 MiB", "25MB", "-1B", "1e3KiB", "MiB", "999999999999999GiB"])(
  "%j is no size",
  (text) => expect(parseSize(text)).toBeUndefined(),
);
