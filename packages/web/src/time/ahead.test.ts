import { expect, test } from "vitest";
import { formatAhead, formatZoned, knownZone } from "./ahead.ts";

const NOON = Date.parse("2026-03-02T12:00:00Z");

test("says how soon something is, in one unit", () => {
  const ahead = (ms: number) => formatAhead(NOON + ms, NOON);
  expect(ahead(400)).toBe("in 1 s");
  expect(ahead(90_000)).toBe("in 2 min");
  expect(ahead(3 * 3_600_000)).toBe("in 3 h");
  expect(ahead(40 * 3_600_000)).toBe("in 40 h");
  expect(ahead(9 * 86_400_000)).toBe("in 9 d");
});

test("says of what has passed how long ago it was", () => {
  expect(formatAhead(NOON - 90_000, NOON)).toBe("1 min ago");
});

test("shows the clock of a zone, with the day that it is there", () => {
  expect(formatZoned(NOON, "UTC")).toBe("Mon 2026-03-02 12:00");
  expect(formatZoned(NOON, "Asia/Tokyo")).toBe("Mon 2026-03-02 21:00");
  expect(formatZoned(NOON, "Pacific/Auckland")).toBe("Tue 2026-03-03 01:00");
  expect(formatZoned(NOON + 7_000, "America/New_York")).toBe("Mon 2026-03-02 07:00:07");
});

test("shows midnight as the first hour of its day", () => {
  expect(formatZoned(Date.parse("2026-03-02T00:00:00Z"), "UTC")).toBe("Mon 2026-03-02 00:00");
});

test("takes UTC for a zone that this browser does not know", () => {
  expect(knownZone("Mars/Olympus")).toBe("UTC");
  expect(formatZoned(NOON, "Mars/Olympus")).toBe("Mon 2026-03-02 12:00");
});
