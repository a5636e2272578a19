import { expect, it } from "vitest";
import { createBackOff } from "./back-off.ts";

function setup() {
  let nowMs = 0;
  let tries = 0;
  let failure: Error | undefined = new Error("gone");
  const tryTo = createBackOff({
    monotonicMs: () => nowMs,
    isLasting: (error) => (error as Error).message === "gone",
  });
  const ask = (key = "a") =>
    tryTo(key, async () => {
      tries++;
      if (failure !== undefined) throw new Error(failure.message);
      return "here";
    }).catch((error: unknown) => (error as Error).message);
  return {
    ask,
    tries: () => tries,
    wait: (ms: number) => (nowMs += ms),
    becomes: (next: Error | undefined) => (failure = next),
  };
}

it("what failed is tried again after 1, 2, 4 … and at most 30 s, and answered alike meanwhile", async () => {
  const { ask, tries, wait } = setup();
  const waits: number[] = [];
  for (let waited = 0; waits.length < 8; waited += 500) {
    const before = tries();
    expect(await ask()).toBe("gone");
    if (tries() > before) {
      waits.push(waited);
      waited = 0;
    }
    wait(500);
  }
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it("many who ask at once share one failure, and nobody waits for the failure of another", async () => {
  const { ask, tries, wait, becomes } = setup();
  await Promise.all([ask(), ask(), ask("b")]);
  expect(tries()).toBe(3);
  wait(1_000);
  becomes(undefined);
  expect(await Promise.all([ask(), ask("b")])).toEqual(["here", "here"]);
  expect(await ask()).toBe("here");
});

it("what may be over at once is tried at once", async () => {
  const { ask, becomes } = setup();
  becomes(new Error("PostgreSQL is away"));
  expect(await ask()).toBe("PostgreSQL is away");
  becomes(undefined);
  expect(await ask()).toBe("here");
});
