import type { Queue } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { limitWords, runningWords, waitingWords } from "./queue-words.ts";

const queue = {
  ...{ concurrency: null, key_concurrency: null, rate: null, fifo: false, leased: 2 },
} as Queue;

test("says what holds a queue back, and nothing of one without limits", () => {
  expect(limitWords(queue)).toEqual([]);
  expect(limitWords({ ...queue, concurrency: 3, rate: "10/m" })).toEqual([
    "3 at once",
    "10/m started",
  ]);
  expect(limitWords({ ...queue, key_concurrency: 1, fifo: true })).toEqual([
    "1 at once for each key",
    "one run at a time for each key, in the order of arrival",
  ]);
});

test("counts what runs against how much may, and what waits with what waits to retry", () => {
  expect(runningWords(queue)).toBe("2 running");
  expect(runningWords({ ...queue, concurrency: 3 })).toBe("2 of 3 running");
  expect(waitingWords({ ready: 1, delayed: 0 })).toBe("1 waits");
  expect(waitingWords({ ready: 4, delayed: 1 })).toBe("4 wait, 1 waits to retry");
});
