import { expect, test } from "vitest";
import { createSlices } from "./slices.ts";

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
