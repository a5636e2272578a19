import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Principal } from "../route.ts";
import { watchToken } from "./token-watch.ts";

const OWNER: Principal = { tokenId: "t", name: "one", scopes: ["runs:read"] };
const check = (principal: Principal | undefined): void => {
  if (principal === undefined) throw new Error("gone");
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("looks at a token at its interval, until it is not valid", async () => {
  const lookUp = vi.fn<() => Principal | undefined>(() => OWNER);
  const { signal } = watchToken({ lookUp, check }, 1_000);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lookUp).toHaveBeenCalledTimes(2);
  expect(signal.aborted).toBe(false);
  lookUp.mockReturnValue(undefined);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(signal.reason).toMatchObject({ message: "gone" });
  expect(lookUp).toHaveBeenCalledTimes(3);
});

it("asks one question at a time, and ends nothing while nobody can answer it", async () => {
  let fail = (_: Error): void => {};
  const lookUp = vi.fn(() => new Promise<Principal>((_, reject) => (fail = reject)));
  const { signal, stop } = watchToken({ lookUp, check }, 1_000);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(lookUp).toHaveBeenCalledTimes(1);
  fail(new Error("out of reach"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(lookUp).toHaveBeenCalledTimes(2);
  expect(signal.aborted).toBe(false);
  stop();
});
