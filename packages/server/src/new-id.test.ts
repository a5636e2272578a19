import { isUuid, momentOf } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { createNewId, newId } from "./new-id.ts";

test("ids sort in the order in which they were made, of which thousands fall into a millisecond", () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids.every(isUuid)).toBe(true);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a clock that stands still or goes back a little does not break the order; one that is set back is believed", () => {
  let nowMs = 1_700_000_000_000;
  const make = createNewId(() => nowMs);
  const ids = Array.from({ length: 10_000 }, make);
  nowMs -= 900;
  ids.push(make());
  expect([...ids].sort()).toEqual(ids);
  // 2,048 to 4,096 fit into a millisecond.
  expect(momentOf(ids.at(-1) as string)).toBeGreaterThan(1_700_000_000_001);
  expect(momentOf(ids.at(-1) as string)).toBeLessThan(1_700_000_000_006);
  nowMs -= 3_600_000;
  expect(momentOf(make())).toBe(nowMs);
});

test("two processes that begin in one millisecond count from different beginnings", () => {
  const begun = Array.from({ length: 40 }, () => createNewId(() => 1_700_000_000_000)());
  expect(new Set(begun.map((id) => id.slice(14, 18))).size).toBeGreaterThan(5);
});
