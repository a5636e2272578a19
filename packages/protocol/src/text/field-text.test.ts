import { expect, test } from "vitest";
import { fieldText } from "./field-text.ts";

test.each([
  ["/input/who", "who is required", "/input/who is required"],
  ["/a~1b", "a/b is not a known property", "/a~1b is not a known property"],
  ["/n", "must be >= 0", "/n must be >= 0"],
  ["/a", "attempts are too many", "/a attempts are too many"],
  ["", "expected a map", "/ expected a map"],
])("says of %j that %j without naming it twice", (path, message, text) => {
  expect(fieldText(path, message)).toBe(text);
});
