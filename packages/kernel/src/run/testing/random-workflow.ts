import type { Json } from "@yardmaster/protocol";
import fc from "fast-check";
import { type Around, ASK, CALL, SLEEP, type StepSketch, WORK, workflow } from "./build.ts";

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
      work: fc.constantFrom("sleep", "sleep", "call", "process", "process", ...ASKING),
      isGraph: fc.boolean(),
      needs: before.length === 0 ? fc.constant([]) : fc.subarray([...before]),
      condition: fc.constantFrom(undefined, undefined, undefined, true, false, "missing"),
      items: fc.option(fc.array(fc.nat(9), { maxLength: 5 }), { nil: undefined, freq: 2 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
      attempts: fc.integer({ min: 1, max: 3 }),
      batch: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      rounds: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }),
      delayMs: fc.constantFrom(0, 200),
      goesOn: fc.boolean(),
      saves: fc.boolean(),
      undo: fc.constantFrom(undefined, undefined, "process", "call", "missing", "ask"),
    })
    .map(({ work, isGraph, needs, condition, items, rounds, goesOn, saves, undo, ...rest }) => ({
      ...doing(work),
      ...(isGraph ? { needs } : {}),
      ...(condition === undefined ? {} : { if: () => truth(condition) }),
      ...(items === undefined
        ? {}
        : {
            forEach: () => items,
            concurrency: rest.concurrency,
            ...(rest.batch === undefined ? {} : { batch: rest.batch }),
          }),
      // At most three rounds, so that some repeats never come to what they wait for.
      ...(items !== undefined || rounds === undefined
        ? {}
        : {
            repeat: { until: ({ round }) => round === rounds, max: 3, delayMs: rest.delayMs },
          }),
      retry: { attempts: rest.attempts, delayMs: 100, jitter: 0.5 },
      onError: goesOn ? ("continue" as const) : ("fail" as const),
      ...(saves ? { saveAs: "saved" } : {}),
      ...(undo === undefined
        ? {}
        : { undo: { ...doing(undo), retry: { attempts: rest.attempts, delayMs: 100 } } }),
    }));

/** Ways in which a step may ask a person. */
const ASKING = ["ask", "timed", "default", "watched"] as const;

function doing(work: string): StepSketch {
  switch (work) {
    case "sleep":
      return { action: SLEEP, with: () => ({ duration: "1s" }) };
    case "ask":
      return { action: ASK, with: () => ({ prompt: "?" }) };
    case "timed":
      return { action: ASK, with: () => ({ prompt: "?", timeout: "1m" }) };
    case "default":
      return { action: ASK, with: () => ({ prompt: "?", timeout: "1m", default: { n: 1 } }) };
    case "watched":
      return { action: { ...WORK, asksOnLost: true } };
    case "call":
      return { action: CALL };
    case "missing":
      return { with: () => truth("missing") };
    default:
      return {};
  }
}

function truth(condition: boolean | string): Json {
  if (typeof condition === "string") throw new Error(condition);
  return condition;
}

const IDS = ["a", "b", "c", "d", "e"];

function listOf(ids: readonly string[]): fc.Arbitrary<{ [id: string]: StepSketch }> {
  return fc
    .tuple(...ids.map((_, i) => sketch(ids.slice(0, i))))
    .map((sketches) => Object.fromEntries(sketches.map((one, i) => [ids[i], one])));
}

/** A jump forward from some steps, each to a later one, which then needs it. */
function withJumps(
  sketches: { [id: string]: StepSketch },
  jumps: readonly (number | undefined)[],
): { [id: string]: StepSketch } {
  const ids = Object.keys(sketches);
  const needs = ids.map((id, i) => [...(sketches[id]?.needs ?? ids.slice(Math.max(i - 1, 0), i))]);
  const jumping = ids.map((id, i) => {
    const to = i + (jumps[i] ?? ids.length);
    if (to >= ids.length) return sketches[id] as StepSketch;
    needs[to]?.push(id);
    return { ...sketches[id], onError: { step: ids[to] as string } };
  });
  return Object.fromEntries(
    ids.map((id, i) => [id, { ...jumping[i], needs: [...new Set(needs[i])] }]),
  );
}

const around: fc.Arbitrary<Around> = fc
  .record({
    timeoutMs: fc.constantFrom(undefined, undefined, 60_000),
    onFailure: fc.option(listOf(["f", "g"]), { nil: undefined }),
    last: fc.option(listOf(["y", "z"]), { nil: undefined }),
    vars: fc.constantFrom(undefined, undefined, "missing", { saved: 0 }),
  })
  .map(({ timeoutMs, onFailure, last, vars }) => ({
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(last === undefined ? {} : { finally: last }),
    ...(vars === undefined ? {} : { vars: () => (vars === "missing" ? truth(vars) : vars) }),
  }));

/** Workflows of up to five steps: sequences and graphs, waits, calls, fan-outs, rounds, jumps, and all kinds of cleanup. */
export const workflows = fc
  .record({
    sketches: fc.integer({ min: 1, max: IDS.length }).chain((n) => listOf(IDS.slice(0, n))),
    jumps: fc.array(fc.constantFrom(undefined, undefined, 1, 2, 3), {
      minLength: IDS.length,
      maxLength: IDS.length,
    }),
    around,
  })
  .map(({ sketches, jumps, around }) => workflow(withJumps(sketches, jumps), undefined, around));

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
  { maxLength: 80 },
);
