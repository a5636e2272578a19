import { isAppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { checkBy } from "./check.ts";

const check = checkBy(
  z.strictObject({
    env: z.record(z.string(), z.string()).optional(),
    free: z.unknown().optional(),
  }),
  { what: "The body", code: "invalid_request" },
);

function refusalOf(value: unknown) {
  try {
    check(value);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error("it was taken");
}

function numbered(count: number, value: unknown): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));
}

test("of a body that is wrong in many places the first are told, and how many there are", () => {
  const wrong = refusalOf({ env: numbered(5_000, 0) });
  expect(wrong.message).toBe("The body: /env/k0 must be of type string (and 4999 more)");
  expect(wrong.errors).toHaveLength(20);
  const unknown = refusalOf(numbered(5_000, 0));
  expect(unknown.message).toBe("The body: /k0 is not known here (and 4999 more)");
  expect(unknown.errors).toHaveLength(20);
});

test("a list or map of too many entries is not looked at one by one, but free JSON may have as many", () => {
  const crowded = refusalOf({ env: numbered(10_001, 0) });
  expect(crowded).toMatchObject({ code: "too_large", errors: [{ path: "/env" }] });
  expect(crowded.message).toBe("The body: /env has 10001 entries; at most 10000 are looked at");
  expect(check({ env: numbered(10_000, "x"), free: numbered(20_000, 0) })).toBeDefined();
});
