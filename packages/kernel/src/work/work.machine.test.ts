import { isWorkFinal, WORK_STATUSES, type WorkStatus } from "@yardmaster/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  LOOK_AGAIN_MS,
  moveWork,
  NEW_WORK,
  nextTryMs,
  type WorkEvent,
  type WorkState,
} from "./index.ts";

const CONTEXT = { now: 1_000_000, maxAttempts: 3 };
const message = "why";

const EVENTS: { readonly [name: string]: WorkEvent } = {
  picked: { type: "picked" },
  broke: { type: "start_failed", kind: "passing", message },
  unfit: { type: "start_failed", kind: "for_person", message },
  success: { type: "run_ended", status: "success", message },
  failed: { type: "run_ended", status: "failed", message },
  timed_out: { type: "run_ended", status: "timed_out", message },
  stopped: { type: "run_ended", status: "canceled", message },
  failed_closed: { type: "run_ended", status: "failed", message, isClosed: true },
  unassigned: { type: "gone", code: "unassigned", message },
  closed: { type: "gone", code: "issue_closed", message },
  deleted: { type: "gone", code: "issue_deleted", message },
  canceled: { type: "canceled", message },
  retried: { type: "retried" },
};

const GONE = { unassigned: "canceled", closed: "canceled", deleted: "canceled" } as const;
/** In a status as it usually is; `between`: in progress, with its next try still to come. */
const STATES: { readonly [name: string]: WorkState } = {
  queued: NEW_WORK,
  in_progress: { ...NEW_WORK, status: "in_progress", attempts: 1, isRunning: true },
  between: { ...NEW_WORK, status: "in_progress", attempts: 1, nextTryAt: 5 },
  waiting: { ...NEW_WORK, status: "waiting", nextTryAt: 5 },
  blocked: { ...NEW_WORK, status: "blocked", attempts: 3 },
  done: { ...NEW_WORK, status: "done", attempts: 1 },
  failed: { ...NEW_WORK, status: "failed", attempts: 3 },
  canceled: { ...NEW_WORK, status: "canceled" },
};
/** Where each pair leads; every pair that is not here changes nothing. */
const MOVES: { readonly [state: string]: { readonly [event: string]: WorkStatus } } = {
  queued: {
    ...GONE,
    picked: "in_progress",
    broke: "in_progress",
    unfit: "waiting",
    canceled: "canceled",
  },
  in_progress: {
    ...GONE,
    ...{ success: "done", failed: "in_progress", timed_out: "in_progress", stopped: "blocked" },
    ...{ failed_closed: "failed", canceled: "canceled" },
  },
  between: {
    ...GONE,
    ...{ picked: "in_progress", broke: "in_progress", unfit: "waiting", canceled: "canceled" },
    retried: "in_progress",
  },
  waiting: {
    ...GONE,
    ...{ picked: "in_progress", broke: "in_progress", unfit: "waiting", canceled: "canceled" },
    retried: "waiting",
  },
  blocked: {
    ...{ unassigned: "failed", closed: "failed", deleted: "failed" },
    ...{ canceled: "canceled", retried: "queued" },
  },
};

describe("every pair of status and event", () => {
  for (const [name, state] of Object.entries(STATES))
    it.each(Object.entries(EVENTS))(`${name} and %s`, (event, said) => {
      expect(moveWork(state, said, CONTEXT)?.next.status).toBe(MOVES[name]?.[event]);
    });
});

it("asks for its run to be stopped where one is at it, and only there", () => {
  for (const event of ["unassigned", "closed", "deleted", "canceled"]) {
    const said = EVENTS[event] as WorkEvent;
    expect(moveWork(STATES["in_progress"] as WorkState, said, CONTEXT)).toMatchObject({
      stopsRun: true,
    });
    for (const name of ["queued", "between", "waiting", "blocked"])
      expect(moveWork(STATES[name] as WorkState, said, CONTEXT)?.stopsRun).toBeUndefined();
  }
});

it("counts a try that broke, waits longer after each, and asks a person after the last", () => {
  let state = NEW_WORK;
  const waits: (number | null)[] = [];
  for (const event of ["broke", "picked", "failed", "broke"]) {
    state = moveWork(state, EVENTS[event] as WorkEvent, CONTEXT)?.next as WorkState;
    waits.push(state.nextTryAt && state.nextTryAt - CONTEXT.now);
  }
  expect(waits).toEqual([60_000, null, 120_000, null]);
  expect(state).toMatchObject({
    status: "blocked",
    attempts: 3,
    reason: { code: "needs_attention" },
  });
  expect(nextTryMs(99)).toBe(3_600_000);
});

it("counts no try where a person must put something right, and looks again", () => {
  const next = moveWork(NEW_WORK, EVENTS["unfit"] as WorkEvent, CONTEXT)?.next;
  expect(next).toMatchObject({ attempts: 0, nextTryAt: CONTEXT.now + LOOK_AGAIN_MS });
});

it("gives all tries again to one that a person has tried again", () => {
  expect(moveWork(STATES["blocked"] as WorkState, { type: "retried" }, CONTEXT)?.next).toEqual(
    NEW_WORK,
  );
});

it("keeps what always holds, whatever comes", () => {
  const events = fc.array(fc.constantFrom(...Object.values(EVENTS)), { maxLength: 40 });
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 9 }), (all, maxAttempts) => {
      let state = NEW_WORK;
      all.forEach((event, i) => {
        const before = state;
        state = moveWork(state, event, { now: i, maxAttempts })?.next ?? state;
        expect(WORK_STATUSES).toContain(state.status);
        if (isWorkFinal(before.status)) expect(state).toBe(before);
        if (state.isRunning) expect(state.status).toBe("in_progress");
        if (state.nextTryAt !== null) expect(["in_progress", "waiting"]).toContain(state.status);
        if (state.status === "in_progress") expect(state.isRunning).toBe(state.nextTryAt === null);
        // What does not move says why.
        if (!state.isRunning && !["queued", "done"].includes(state.status))
          expect(state.reason).not.toBeNull();
        if (state.status === "done")
          expect(before.isRunning || before.status === "done").toBe(true);
      });
    }),
  );
});
