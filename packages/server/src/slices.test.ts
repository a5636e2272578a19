import { expect, test } from "vitest";
import { atOnce, createSlices, inSlices } from "./slices.ts";

test("a long work lets the event loop turn whenever it has held it for 20 ms", async () => {
  let nowMs = 0;
  const slices = createSlices(() => nowMs);
  nowMs = 19;
  expect(slices()).toBeUndefined();
  nowMs = 20;
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  const turn = slices();
  nowMs = 50;
  await turn;
  expect(hasTurned).toBe(true);
  nowMs = 69;
  expect(slices()).toBeUndefined();
});

function* counting(steps: number, seen: number[]): Generator<undefined, string> {
  for (let step = 0; step < steps; step++) {
    seen.push(step);
    yield;
  }
  return "done";
}

test("a work in steps lets the event loop turn between them, and others go on beside it", async () => {
  const seen: number[] = [];
  let nowMs = 0;
  const slice = createSlices(() => nowMs++, 3);
  const beside = new Promise<number>((resolve) => setImmediate(() => resolve(seen.length)));
  const work = inSlices(counting(10, seen), undefined, slice);
  expect(await beside).toBeLessThan(10);
  expect(await work).toBe("done");
  expect(seen).toHaveLength(10);
  expect(atOnce(counting(2, seen))).toBe("done");
});

test("a work in steps that is given up ends at its next step", async () => {
  const seen: number[] = [];
  const closing = new AbortController();
  const work = inSlices(counting(10, seen), closing.signal, createSlices(undefined, 0));
  closing.abort(new Error("closed"));
  await expect(work).rejects.toThrow("closed");
  expect(seen).toEqual([0]);
});
