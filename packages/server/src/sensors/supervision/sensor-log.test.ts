import { expect, it } from "vitest";
import type { WrittenLine } from "../sensor-logs.store.ts";
import { createSensorLog } from "./sensor-log.ts";

it("tells the first of a flood of refused lines, and how many there were, and counts them all", async () => {
  let nowMs = 0;
  let refused = 0;
  const lines: WrittenLine[] = [];
  const log = createSensorLog({
    append: async (written) => {
      lines.push(...written.lines);
      refused += written.refused;
    },
    onRoom: () => {},
    onError: (error) => {
      throw error;
    },
    now: () => nowMs,
  });
  for (let i = 1; i <= 5_000; i++) log.refused(`line ${i} is no event`);
  nowMs += 10_000;
  log.refused("line 5001 is no event");
  await log.flush();
  for (let i = 1; i <= 150; i++) log.refused("again");
  await log.flush();
  const told = lines.map(({ text }) => text);
  expect(told.slice(99, 102)).toEqual([
    "line 100 is no event",
    "4900 more lines were no events",
    "line 5001 is no event",
  ]);
  expect(told.slice(102, 201)).toEqual(Array(99).fill("again"));
  expect(told.slice(201)).toEqual(["51 more lines were no events"]);
  expect(refused).toBe(5_151);
});
