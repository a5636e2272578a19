import { expect, test } from "vitest";
import { looked } from "./check.ts";

test("a look that does not end is told as such, and waited for no longer", async () => {
  const never = new Promise<never>(() => undefined);
  expect(await looked("postgres", () => never, 1)).toEqual([
    {
      check: "postgres",
      status: "bad",
      summary: "could not be checked: there was no answer within 0.001 s",
      advice: "see the message, then look again",
    },
  ]);
});
