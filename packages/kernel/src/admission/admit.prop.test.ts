import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, type LaneView, type WaitingAttempt } from "./admit.ts";

const key = fc.constantFrom(null, "red", "green", "blue");
const runId = fc.integer({ min: 1, max: 6 }).map((n) => `run-${n}`);

const attempts: fc.Arbitrary<WaitingAttempt[]> = fc.uniqueArray(
  fc.record({
    runId,
    slot: fc.constantFrom("a", "b", "c#0", "c#10"),
    number: fc.integer({ min: 1, max: 2 }),
    key,
    priority: fc.constantFrom(1, 5, 5, 5),
  }),
  { maxLength: 16, selector: ({ runId: run, slot }) => `${run}/${slot}` },
);

const lanes: fc.Arbitrary<LaneView<WaitingAttempt> & { heads: { [key: string]: string } }> = fc
  .record({
    limits: fc.record({
      concurrency: fc.option(fc.integer({ min: 1, max: 8 })),
      keyConcurrency: fc.option(fc.integer({ min: 1, max: 3 })),
      fifo: fc.boolean(),
    }),
    ready: attempts,
    leased: fc.array(key, { maxLength: 6 }),
    heads: fc.dictionary(fc.constantFrom("red", "green", "blue"), runId),
  })
  .map((lane) => ({ ...lane, head: (of: string) => lane.heads[of] }));

const free = fc.integer({ min: 0, max: 10 });
const count = (keys: readonly (string | null)[], of: string): number =>
  keys.filter((one) => one === of).length;

describe("admission", () => {
  it("exceeds no limit, and takes what is ready, each once", () => {
    fc.assert(
      fc.property(lanes, free, (lane, places) => {
        const admitted = admit(lane, places);
        const { concurrency, keyConcurrency } = lane.limits;
        expect(admitted.length).toBeLessThanOrEqual(places);
        expect(new Set(admitted).size).toBe(admitted.length);
        for (const attempt of admitted) expect(lane.ready).toContain(attempt);
        if (concurrency !== null && admitted.length > 0)
          expect(admitted.length + lane.leased.length).toBeLessThanOrEqual(concurrency);
        const keys = admitted.map((attempt) => attempt.key);
        for (const of of ["red", "green", "blue"])
          if (keyConcurrency !== null && count(keys, of) > 0)
            expect(count(keys, of) + count(lane.leased, of)).toBeLessThanOrEqual(keyConcurrency);
      }),
    );
  });

  it("serves in a FIFO lane only the run at the head of its key's line", () => {
    fc.assert(
      fc.property(lanes, free, (lane, places) => {
        fc.pre(lane.limits.fifo);
        for (const attempt of admit(lane, places))
          if (attempt.key !== null) expect(lane.head(attempt.key)).toBe(attempt.runId);
      }),
    );
  });

  it("leaves no free place empty that something may take", () => {
    fc.assert(
      fc.property(lanes, free, (lane, places) => {
        const admitted = admit(lane, places);
        const rest = lane.ready.filter((attempt) => !admitted.includes(attempt));
        const leased = [...lane.leased, ...admitted.map((attempt) => attempt.key)];
        const after = { ...lane, ready: rest, leased };
        expect(admit(after, places - admitted.length)).toEqual([]);
      }),
    );
  });

  it("takes the better and the older first, whatever the order it hears of them", () => {
    fc.assert(
      fc.property(lanes, free, (lane, places) => {
        const admitted = admit(lane, places);
        const turned = { ...lane, ready: [...lane.ready].reverse() };
        expect(admit(turned, places)).toEqual(admitted);
        const turns = admitted.map(
          ({ priority, runId: run, slot }) => `${priority} ${run} ${slot}`,
        );
        expect(turns).toEqual([...turns].sort());
      }),
    );
  });

  it("gives more places to nobody's loss: what a smaller room takes, a larger takes too", () => {
    fc.assert(
      fc.property(lanes, free, (lane, places) => {
        const admitted = admit(lane, places);
        expect(admit(lane, places + 1).slice(0, admitted.length)).toEqual(admitted);
      }),
    );
  });
});
