import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRefusals } from "./refusals.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const written: string[] = [];
  const logged: string[] = [];
  let isDown = false;
  const note = createRefusals({
    async add({ source, count, reason }) {
      if (isDown) throw new Error("down");
      written.push(`${source} ${count} ${reason}`);
    },
    log: { warn: (fields) => void logged.push(JSON.stringify(fields)) },
  });
  const setDown = (down: boolean): void => {
    isDown = down;
  };
  return { note, written, logged, setDown };
}

test("the first refusal is written at once, those of the next second together", async () => {
  const { note, written } = setUp();
  for (const reason of ["a", "b", "c"]) note("forge", reason);
  note("shop", "d");
  expect(written).toEqual(["forge 1 a", "shop 1 d"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written.slice(2)).toEqual(["forge 2 c"]);
  await vi.advanceTimersByTimeAsync(5_000);
  note("forge", "e");
  expect(written.slice(3)).toEqual(["forge 1 e"]);
});

test("one line a minute goes into the log, with how many there were", async () => {
  const { note, logged } = setUp();
  for (let second = 0; second < 61; second++) {
    note("forge", "a");
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(logged).toEqual([
    '{"source":"forge","reason":"a","refused":1}',
    '{"source":"forge","reason":"a","refused":60}',
  ]);
});

test("what could not be written goes with the next", async () => {
  const { note, written, setDown } = setUp();
  setDown(true);
  note("forge", "a");
  await vi.advanceTimersByTimeAsync(1_000);
  setDown(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual(["forge 1 a"]);
});
