import { expect, it } from "vitest";
import { afterFailure } from "./back-off.ts";

it("rests for 5 s, 10, 20 and at most 300 s, and is told once, at the third time", () => {
  let before = { failures: 0, alerted: false };
  const seen = Array.from({ length: 9 }, () => {
    const { againInMs, isAlert, ...next } = afterFailure(before, 100);
    before = next;
    return [next.failures, againInMs / 1_000, isAlert];
  });
  expect(seen).toEqual([
    [1, 5, false],
    [2, 10, false],
    [3, 20, true],
    [4, 40, false],
    [5, 80, false],
    [6, 160, false],
    [7, 300, false],
    [8, 300, false],
    [9, 300, false],
  ]);
});

it("begins anew after a run of a minute, and is told anew then", () => {
  const failing = { failures: 5, alerted: true };
  expect(afterFailure(failing, 59_999)).toMatchObject({ failures: 6, isAlert: false });
  expect(afterFailure(failing, 60_000)).toEqual({
    failures: 1,
    againInMs: 5_000,
    isAlert: false,
    alerted: false,
  });
});

it("has no rest that overflows", () => {
  expect(afterFailure({ failures: 100_000, alerted: true }, 0).againInMs).toBe(300_000);
});
