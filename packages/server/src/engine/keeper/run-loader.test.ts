import { expect, it } from "vitest";
import type { StoredRun } from "./keeper.store.ts";
import { createRunLoader } from "./run-loader.ts";

const stored = (ref: string) => ({ ref }) as StoredRun;

it("asks for all runs of one turn at once, and answers each caller for its own", async () => {
  const asked: (readonly string[])[] = [];
  const load = createRunLoader(async (ids) => {
    asked.push(ids);
    return new Map(ids.filter((id) => id !== "gone").map((id) => [id, stored(id)]));
  });
  const runs = await Promise.all(["a", "b", "gone", "a"].map(load));
  expect(runs.map((run) => run?.ref)).toEqual(["a", "b", undefined, "a"]);
  expect(asked).toEqual([["a", "b", "gone", "a"]]);
  expect((await load("later"))?.ref).toBe("later");
  const many = Array.from({ length: 1_200 }, (_, n) => `r${n}`);
  expect(await Promise.all(many.map(load))).toHaveLength(1_200);
  expect(asked.slice(2).map((ids) => ids.length)).toEqual([500, 500, 200]);
});

it("tells all of a turn when they could not be read, and goes on with the next", async () => {
  let broken = true;
  const load = createRunLoader(async (ids) => {
    if (broken) throw new Error("away");
    return new Map(ids.map((id) => [id, stored(id)]));
  });
  const both = await Promise.allSettled(["a", "b"].map(load));
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  broken = false;
  expect((await load("a"))?.ref).toBe("a");
});
