import type { RunState } from "@yardmaster/kernel";
import { expect, it } from "vitest";
import { pickedUpMs } from "./picked-up.ts";

const BORN = new Date(1_000);
const stepOf = (startedAt: number | undefined, more = {}) => ({
  slots: [
    { attempts: startedAt === undefined ? [] : [{ startedAt }, { startedAt: startedAt + 900 }] },
  ],
  ...more,
});
const stateOf = (steps: object) => ({ steps }) as unknown as RunState;

it("is the start of the first attempt, whichever step it was of", () => {
  const steps = { a: stepOf(1_250), b: stepOf(1_040), c: stepOf(undefined) };
  expect(pickedUpMs(stateOf(steps), BORN)).toBe(40);
});

it("leaves out what was taken over from an earlier run", () => {
  const steps = { a: stepOf(20, { reused: true }), b: stepOf(1_100) };
  expect(pickedUpMs(stateOf(steps), BORN)).toBe(100);
});

it("is nothing where nothing started, and never less than nothing", () => {
  expect(pickedUpMs(stateOf({ a: stepOf(undefined) }), BORN)).toBeUndefined();
  expect(pickedUpMs(stateOf({ a: stepOf(990) }), BORN)).toBe(0);
});
