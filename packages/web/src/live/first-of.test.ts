import { expect, test } from "vitest";
import { firstOf } from "./first-of.ts";

async function* numbers(limit: number) {
  for (let n = 1; n <= Math.min(limit, 4); n++) yield n;
}

test("takes so many of a list, and tells whether there are more", async () => {
  expect(await firstOf(3, numbers)).toEqual({ items: [1, 2, 3], hasMore: true });
  expect(await firstOf(4, numbers)).toEqual({ items: [1, 2, 3, 4], hasMore: false });
  expect(await firstOf(9, numbers)).toEqual({ items: [1, 2, 3, 4], hasMore: false });
});
