import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

/** The longest waits: what the jitter is taken from. */
function longest(): () => number {
  return () => 0.999_999;
}

test("waits grow twofold up to thirty seconds", () => {
  const backoff = createBackoff({ random: longest() });
  const waits = Array.from({ length: 8 }, () => backoff.next({ upMs: 0 }));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("twenty drops and a stable minute later, the wait is short again", () => {
  const backoff = createBackoff({ random: longest() });
  for (let drop = 0; drop < 20; drop++) backoff.next({ upMs: 1_000 });
  expect(backoff.next({ upMs: 59_999 })).toBe(30_000);
  expect(backoff.next({ upMs: 60_000 })).toBeLessThanOrEqual(1_000);
});

test("waits are jittered over their whole length", () => {
  const values = [0, 0, 0, 0.5, 0, 0.25];
  const backoff = createBackoff({ random: () => values.shift() as number });
  expect([0, 0, 0].map((upMs) => backoff.next({ upMs }))).toEqual([0, 500, 500]);
});

test("what the server asks for is kept, with jitter on top", () => {
  const backoff = createBackoff({ random: () => 0.5 });
  expect(backoff.next({ upMs: 0, atLeastMs: 8_000 })).toBe(9_000);
});
