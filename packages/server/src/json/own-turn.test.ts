import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ownTurn } from "./index.ts";

const LARGE = 1024 * 1024;

test("large texts that come at once are read in a turn each, and others have theirs between", async () => {
  const order: string[] = [];
  const large = ["first", "second", "third"].map(async (name) => {
    await ownTurn(LARGE);
    order.push(name);
  });
  const other = async (): Promise<void> => {
    for (let turn = 1; turn <= 3; turn++) {
      await nextTurn();
      order.push(`other ${turn}`);
    }
  };
  await Promise.all([...large, other()]);
  expect(order).toEqual(["other 1", "first", "other 2", "second", "other 3", "third"]);
});

test("small texts wait for nobody", () => {
  expect(ownTurn(1_000)).toBeUndefined();
});
