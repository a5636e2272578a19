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
    ["365250d", 31_557_600_000_000],
    ["31557599999999ms", 31_557_599_999_999],
  ])("%s is %i ms, and comes back from JSON", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it.each(["", "1", "1x", "-1s", "1s ", "1 s", "s", ".5s", "1e3s"])("is not %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each(["31557600000001ms", "365251d", `${"9".repeat(400)}d`])(
    "of more than 1,000 years is none: %s",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it("is added to a time of centuries to come, and RFC 3339 can still write it", () => {
    const due = Date.UTC(8900, 0) + (parseDuration("365250d") ?? Number.NaN);
    expect(new Date(due).toISOString()).toMatch(/^9900-/);
  });
});
