import { expect, test } from "vitest";
import { NotBegun } from "../../runners/index.ts";
import { createRest, REST_MS } from "./rest.ts";

const WHY = new NotBegun("it cannot begin", "make room");
const MINUTE_MS = 60_000;

function setUp() {
  let now = 0;
  let due: { readonly at: number; readonly run: () => void } | undefined;
  let told = 0;
  const rest = createRest({
    timers: {
      after(ms, run) {
        due = { at: now + ms, run };
        return () => {
          due = undefined;
        };
      },
    },
    monotonicMs: () => now,
    onRoom: () => {},
    onFirst: () => {
      told++;
    },
  });
  return {
    rest,
    told: () => told,
    isResting: () => due !== undefined,
    /** Begins one that the machine cannot begin. */
    fail(): void {
      rest.taken();
      rest.notBegun(WHY);
    },
    /** Lets the rest that it has end, and says how long it was. */
    sleep(): number {
      const next = due;
      if (next === undefined) throw new Error("it does not rest (r1s7)");
      due = undefined;
      const ms = next.at - now;
      now = next.at;
      next.run();
      return ms;
    },
    pass(ms: number): void {
      now += ms;
    },
  };
}

test("after a process that could not be begun none is taken, then one, and all when that has begun", () => {
  const { rest, fail, sleep } = setUp();
  expect([rest.roomOf(8), rest.isWell()]).toEqual([8, true]);
  fail();
  expect([rest.roomOf(8), rest.isWell(), rest.why()]).toEqual([0, false, WHY]);
  expect(sleep()).toBe(REST_MS.first);
  expect([rest.roomOf(8), rest.roomOf(0), rest.isWell()]).toEqual([1, 0, false]);
  rest.taken();
  expect([rest.roomOf(8), rest.why()]).toEqual([0, WHY]);
  rest.begun();
  expect([rest.roomOf(8), rest.isWell(), rest.why()]).toEqual([8, true, undefined]);
});

test("what was taken before the rest neither ends it nor makes it longer", () => {
  const { rest, fail, sleep } = setUp();
  fail();
  rest.begun();
  rest.notBegun(WHY);
  expect(rest.roomOf(8)).toBe(0);
  expect(sleep()).toBe(REST_MS.first);
});

test("a step on a disk that is full for an hour is tried 64 times, and it is told once", () => {
  const { fail, sleep, told } = setUp();
  let tries = 0;
  const rests: number[] = [];
  for (let ms = 0; ms <= 60 * MINUTE_MS; ms += rests.at(-1) ?? 0) {
    tries++;
    fail();
    rests.push(sleep());
  }
  expect(rests.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect([tries, told()]).toEqual([64, 1]);
});

test("the rests grow although others begin between, and are short again after a minute without", () => {
  const { rest, fail, sleep, pass, told } = setUp();
  fail();
  sleep();
  rest.begun();
  fail();
  expect(sleep()).toBe(2 * REST_MS.first);
  rest.begun();
  pass(MINUTE_MS);
  fail();
  expect([sleep(), told()]).toEqual([REST_MS.first, 2]);
});

test("a worker that is closed waits for the end of no rest", () => {
  const { rest, fail, isResting } = setUp();
  fail();
  rest.close();
  expect(isResting()).toBe(false);
});
