import { expect, test } from "vitest";
import { createRepeats, kindOf } from "./repeats.ts";

function setup() {
  const clock = { nowMs: 0 };
  return { clock, repeat: createRepeats({ monotonicMs: () => clock.nowMs, everyMs: 100 }) };
}

test("what repeats is told at first, and after a while with how often it was left out", () => {
  const { clock, repeat } = setup();
  expect(repeat("a")).toBe(0);
  expect(repeat("a")).toBeUndefined();
  expect(repeat("a")).toBeUndefined();
  clock.nowMs = 100;
  expect(repeat("a")).toBe(2);
  expect(repeat("a")).toBeUndefined();
});

test("another kind is told at once, and no more than a thousand are remembered", () => {
  const { repeat } = setup();
  expect(repeat("a")).toBe(0);
  for (let i = 0; i < 1_000; i++) expect(repeat(`other ${i}`)).toBe(0);
  expect(repeat("other 999")).toBeUndefined();
  expect(repeat("a")).toBe(0);
});

test("a kind is what failed and the code of the error, whatever its text", () => {
  const error = (message: string, code?: string): Error =>
    Object.assign(new Error(message), code === undefined ? {} : { code });
  expect(kindOf("x", error("at 1", "57P03"))).toBe(kindOf("x", error("at 2", "57P03")));
  expect(kindOf("x", error("at 1", "57P03"))).not.toBe(kindOf("x", error("at 1", "53300")));
  expect(kindOf("x", error("1"))).not.toBe(kindOf("y", error("1")));
});
