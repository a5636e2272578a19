import { expect, test } from "vitest";
import { formatAge, formatDuration, formatMoment, formatSoFar } from "./format.ts";

const S = 1_000;
const M = 60 * S;
const H = 60 * M;

test("writes a duration with two units at most, never a sixtieth one", () => {
  const written = [
    0,
    999,
    1_200,
    9_949,
    9_950,
    59_400,
    59_600,
    3 * M + 5 * S,
    2 * H + 7 * M,
    76 * H,
  ];
  expect(written.map(formatDuration)).toEqual([
    "0 ms",
    "999 ms",
    "1.2 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 m 00 s",
    "3 m 05 s",
    "2 h 07 m",
    "3 d 4 h",
  ]);
});

test("counts what goes on in whole seconds, and never below none", () => {
  expect([-50, 999, 2_900, 61_500].map(formatSoFar)).toEqual(["0 s", "0 s", "2 s", "1 m 01 s"]);
});

test("tells an age in one unit, and a date after a week", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const ages = [-3 * S, 42 * S, 59 * M, 23 * H, 30 * H, 8 * 24 * H];
  expect(ages.map((ms) => formatAge(now - ms, now))).toEqual([
    "just now",
    "42 s ago",
    "59 min ago",
    "23 h ago",
    "1 d ago",
    "2026-03-02",
  ]);
});

test("shows the time of day of a moment, and its date where that is another", () => {
  const at = new Date(2026, 2, 10, 9, 5, 7).getTime();
  expect(formatMoment(at, at + H)).toBe("09:05:07");
  expect(formatMoment(at, at + 24 * H)).toBe("2026-03-10 09:05:07");
});
