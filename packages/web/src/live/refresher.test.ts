import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRefresher } from "./refresher.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A read that ends when told to. */
function slowRead() {
  let end = (): void => {};
  const read = vi.fn(() => new Promise<void>((resolve) => (end = resolve)));
  return { read, end: () => end() };
}

test("reads at once, then at its pace however many changes come, and once more for the last", async () => {
  const read = vi.fn(() => Promise.resolve());
  const refresher = createRefresher(read, 400);
  refresher.touch();
  await vi.advanceTimersByTimeAsync(0);
  expect(read).toHaveBeenCalledTimes(1);
  for (let change = 0; change < 50; change++) {
    refresher.touch();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(read).toHaveBeenCalledTimes(3);
});

test("reads again after a read during which something changed, and never two at a time", async () => {
  const { read, end } = slowRead();
  const refresher = createRefresher(read, 100);
  refresher.touch();
  await vi.advanceTimersByTimeAsync(0);
  refresher.touch();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(read).toHaveBeenCalledTimes(1);
  end();
  // The read took five seconds: so long is the pause after it.
  await vi.advanceTimersByTimeAsync(4_900);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(read).toHaveBeenCalledTimes(2);
});

test("goes on after a failed read, and stops when told to", async () => {
  const read = vi.fn(() => Promise.reject(new Error("away")));
  const refresher = createRefresher(read, 100);
  refresher.touch();
  await vi.advanceTimersByTimeAsync(200);
  refresher.touch();
  await vi.advanceTimersByTimeAsync(200);
  expect(read).toHaveBeenCalledTimes(2);
  refresher.touch();
  refresher.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(read).toHaveBeenCalledTimes(2);
});
