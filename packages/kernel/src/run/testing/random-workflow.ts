import type { Json } from "@yardmaster/protocol";
import fc from "fast-check";
import { SLEEP, type StepSketch, workflow } from "./build.ts";

/** One thing that may happen to a run; `pick` chooses among the open attempts, `stale` names one that is not. */
export interface Happening {
  readonly kind: "success" | "failed" | "timed_out" | "canceled" | "lost" | "due" | "cancel";
  readonly pick: number;
  readonly stale: boolean;
  readonly together: boolean;
}

const sketch = (before: readonly string[]): fc.Arbitrary<StepSketch> =>
  fc
    .record({
      isSleep: fc.boolean(),
      isGraph: fc.boolean(),
      needs: before.length === 0 ? fc.constant([]) : fc.subarray([...before]),
      condition: fc.constantFrom(undefined, undefined, undefined, true, false, "missing"),
      items: fc.option(fc.array(fc.nat(9), { maxLength: 5 }), { nil: undefined, freq: 2 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
      attempts: fc.integer({ min: 1, max: 3 }),
      goesOn: fc.boolean(),
    })
    .map(({ isSleep, isGraph, needs, condition, items, concurrency, attempts, goesOn }) => ({
      ...(isSleep ? { action: SLEEP, with: () => ({ duration: "1s" }) } : {}),
      ...(isGraph ? { needs } : {}),
      ...(condition === undefined ? {} : { if: () => truth(condition) }),
      ...(items === undefined ? {} : { forEach: () => items, concurrency }),
      retry: { attempts, delayMs: 100, jitter: 0.5 },
      onError: goesOn ? ("continue" as const) : ("fail" as const),
    }));

function truth(condition: boolean | string): Json {
  if (typeof condition === "string") throw new Error(condition);
  return condition;
}

const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Workflows of up to eight steps: sequences and graphs, waits, fan-outs, conditions, retries. */
export const workflows = fc.integer({ min: 1, max: IDS.length }).chain((count) => {
  const ids = IDS.slice(0, count);
  return fc
    .tuple(...ids.map((_, i) => sketch(ids.slice(0, i))))
    .map((sketches) => workflow(Object.fromEntries(sketches.map((one, i) => [ids[i], one]))));
});

export const happenings = fc.array(
  fc.record<Happening>({
    kind: fc.constantFrom(
      "success",
      "success",
      "success",
      "failed",
      "timed_out",
      "canceled",
      "lost",
      "lost",
      "due",
      "cancel",
    ),
    pick: fc.nat(20),
    stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    together: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  }),
  { maxLength: 60 },
);
