import { expect, test } from "vitest";
import { coalesced } from "./coalesced.ts";

test("calls during a run share the one that begins after it", async () => {
  let value = 0;
  const releases: (() => void)[] = [];
  const read = coalesced(async () => {
    const seen = value;
    await new Promise<void>((resolve) => releases.push(resolve));
    return seen;
  });
  const first = read();
  await Promise.resolve();
  value = 1;
  const [second, third] = [read(), read()];
  releases[0]?.();
  expect(await first).toBe(0);
  releases[1]?.();
  expect(await Promise.all([second, third])).toEqual([1, 1]);
  expect(releases).toHaveLength(2);
});

test("a run that fails fails its callers, and no later one", async () => {
  let runs = 0;
  const work = coalesced(async () => {
    if (++runs === 1) throw new Error("once");
    return runs;
  });
  await expect(work()).rejects.toThrow("once");
  expect(await work()).toBe(2);
});
