import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("a duration", () => {
  it.each([
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["1h30m", 5_400_000],
    ["0.5s", 500],
    ["2w3d", 1_468_800_000],
    ["999999999999999ms", 999_999_999_999_999],
  ])("%s is %i ms, and comes back from JSON", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each(["", "1", "1x", "-1s", "1s ", "1 s", "s", ".5s", "1e3s"])("is not %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each(["1000000000000001ms", "20000000000w", `${"9".repeat(400)}d`])(
    "of more than 31,000 years is none: %s",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
