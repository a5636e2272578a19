import { describe, expect, it } from "vitest";
import { SLOT_PHASES, type SlotPhase, type SlotState } from "../state.ts";
import { answered, CALL, childEnded, ended, SLEEP, workflow } from "../testing/build.ts";
import { IDLE_SLOT, moveSlot, type SlotEvent } from "./slot.machine.ts";
import { timeKey } from "./slot-key.ts";
import type { SlotContext } from "./start-attempt.ts";

const STEP = workflow({ a: {} }).steps[0] as SlotContext["step"];
const NAP = workflow({ a: { action: SLEEP } }).steps[0] as SlotContext["step"];
const CALLING = workflow({ a: { action: CALL } }).steps[0] as SlotContext["step"];
const AT: SlotContext = { step: STEP, slot: "a", run: "r", starts: true, at: 500 };

const EVENTS: { readonly [name: string]: SlotEvent } = {
  open: { type: "open", input: {} },
  success: ended("a", 1),
  failed: ended("a", 1, "failed"),
  timed_out: ended("a", 1, "timed_out"),
  canceled: ended("a", 1, "canceled"),
  lost: ended("a", 1, "lost"),
  child_success: childEnded("a", 1),
  child_failed: childEnded("a", 1, "failed"),
  child_canceled: childEnded("a", 1, "canceled"),
  due: { type: "timer_due", slot: "a", number: 1, at: 1 },
  answered: answered("a", 1, {}),
  stop: { type: "stop" },
};

/** Where each pair leads; every pair that is not here comes too late and changes nothing. */
const MOVES: { readonly [P in SlotPhase]: { readonly [event: string]: SlotPhase } } = {
  idle: { open: "dispatched", stop: "canceled" },
  dispatched: {
    success: "success",
    failed: "failed",
    timed_out: "timed_out",
    canceled: "canceled",
    lost: "dispatched",
    stop: "stopping",
  },
  timing: { due: "success", stop: "canceled" },
  delayed: { due: "dispatched", stop: "canceled" },
  calling: {
    child_success: "success",
    child_failed: "failed",
    child_canceled: "canceled",
    stop: "stopping_child",
  },
  asking: { due: "timed_out", answered: "success", stop: "canceled" },
  // An answer without a decision.
  deciding: { answered: "failed", stop: "canceled" },
  stopping: {
    success: "success",
    failed: "failed",
    timed_out: "timed_out",
    canceled: "canceled",
    lost: "canceled",
  },
  stopping_child: {
    child_success: "success",
    child_failed: "failed",
    child_canceled: "canceled",
  },
  success: {},
  failed: {},
  timed_out: {},
  canceled: {},
};

function slotIn(phase: SlotPhase): SlotState {
  const input = phase === "asking" ? { input: { prompt: "?", timeout: "1h" } } : {};
  return { ...IDLE_SLOT, phase, number: phase === "idle" ? 0 : 1, ...input };
}

describe("a slot", () => {
  const pairs = SLOT_PHASES.flatMap((phase) =>
    Object.keys(EVENTS).map((event) => [phase, event, MOVES[phase][event]] as const),
  );

  it.each(pairs)("that is %s becomes, on %s, %s", (phase, event, next) => {
    const slot = Object.freeze(slotIn(phase));
    const given = EVENTS[event] as SlotEvent;
    // Of a question the time is a timer of its own.
    const told = phase === "asking" && event === "due" ? { ...given, slot: timeKey("a") } : given;
    expect(moveSlot(slot, told as SlotEvent, AT)?.next.phase).toBe(next);
  });

  it.each(["dispatched", "stopping"] as const)(
    "that is %s takes no word of an attempt that is not its newest",
    (phase) => {
      const slot = { ...slotIn(phase), number: 2 };
      expect(moveSlot(slot, ended("a", 1), AT)).toBeUndefined();
      expect(moveSlot(slot, ended("a", 3), AT)).toBeUndefined();
    },
  );

  it("that an orderly stop gave back is no step nearer to being lost for good", () => {
    let slot = slotIn("dispatched");
    for (let number = 1; number <= 5; number++) {
      const givenBack: SlotEvent = { ...ended("a", number, "lost"), givenBack: true };
      slot = moveSlot(slot, givenBack, AT)?.next as SlotState;
    }
    expect(slot).toMatchObject({ phase: "dispatched", number: 6, tries: 0, lostInRow: 0 });
  });

  it("that is stopped while its attempt is given back tells the stop, and not why it was given back", () => {
    const error = { code: "process_start", message: "the disk is full" } as const;
    const event: SlotEvent = { ...ended("a", 1, "lost", { error }), givenBack: true };
    const { next } = moveSlot(slotIn("stopping"), event, AT) ?? {};
    expect(next).toMatchObject({ phase: "canceled", error: { code: "canceled" } });
    expect(next?.attempts).toMatchObject([{ status: "lost", error }]);
  });

  it("that waits takes no word of another timer", () => {
    const due: SlotEvent = { type: "timer_due", slot: "a", number: 2, at: 1 };
    expect(moveSlot(slotIn("timing"), due, AT)).toBeUndefined();
  });

  it("of a timer waits as a row, for as long as its input says", () => {
    const open: SlotEvent = { type: "open", input: { duration: "90s" } };
    const moved = moveSlot(IDLE_SLOT, open, { ...AT, step: NAP });
    expect(moved?.next.phase).toBe("timing");
    expect(moved?.effects).toEqual([
      { type: "start_timer", slot: "a", number: 1, delayMs: 90_000 },
    ]);
  });

  it("asks for its attempt or timer to be stopped, and for nothing where it has none", () => {
    const stop = { type: "stop", slot: "a", number: 1 };
    expect(moveSlot(slotIn("dispatched"), { type: "stop" }, AT)?.effects).toEqual([stop]);
    expect(moveSlot(slotIn("timing"), { type: "stop" }, AT)?.effects).toEqual([stop]);
    expect(moveSlot(slotIn("idle"), { type: "stop" }, AT)?.effects).toEqual([]);
  });

  it("keeps every ended attempt, with its times, worker and error", () => {
    const error = { code: "action_failed", message: "no" } as const;
    const event = ended("a", 1, "failed", { startedAt: 1, at: 5, worker: "w", error });
    expect(moveSlot(slotIn("dispatched"), event, AT)?.next.attempts).toEqual([
      { number: 1, status: "failed", startedAt: 1, endedAt: 5, worker: "w", error },
    ]);
  });

  it("that is delayed starts its attempt when the timer is due, and gives up where nothing starts any more", () => {
    const due: SlotEvent = { type: "timer_due", slot: "a", number: 1, at: 1 };
    const slot: SlotState = { ...slotIn("delayed"), input: { n: 1 } };
    expect(moveSlot(slot, due, AT)?.effects).toMatchObject([{ type: "dispatch", number: 1 }]);
    expect(moveSlot(slot, { ...due, number: 2 }, AT)).toBeUndefined();
    expect(moveSlot(slot, due, { ...AT, starts: false })?.next.phase).toBe("canceled");
  });

  it("of a timer that is delayed first waits for both in one row", () => {
    const open: SlotEvent = { type: "open", input: { duration: "2s" }, delayMs: 500 };
    const moved = moveSlot(IDLE_SLOT, open, { ...AT, step: NAP });
    expect(moved?.effects).toEqual([{ type: "start_timer", slot: "a", number: 1, delayMs: 2_500 }]);
  });

  it("of a workflow starts a child run, keeps its id with the attempt, and hands it a stop", () => {
    const context = { ...AT, step: CALLING };
    const moved = moveSlot(IDLE_SLOT, { type: "open", input: { n: 1 } }, context);
    expect(moved?.effects).toEqual([
      { type: "start_child", slot: "a", number: 1, ref: "test.called", input: { n: 1 } },
    ]);
    const calling = moved?.next as SlotState;
    expect(moveSlot(calling, { type: "stop" }, context)?.effects).toEqual([
      { type: "stop_child", slot: "a", number: 1 },
    ]);
    const done = moveSlot(calling, childEnded("a", 1, "success", { output: 5 }), context)?.next;
    expect(done).toMatchObject({ phase: "success", output: 5, attempts: [{ run: "child-1" }] });
  });

  it("of a workflow calls it again as its policy says, after a delay that is a timer row", () => {
    const retry = { ...CALLING.retry, attempts: 2, delayMs: 300 };
    const context = { ...AT, step: { ...CALLING, retry } };
    const failed = moveSlot(slotIn("calling"), childEnded("a", 1, "failed"), context);
    expect(failed?.effects).toEqual([{ type: "start_timer", slot: "a", number: 2, delayMs: 300 }]);
    const due: SlotEvent = { type: "timer_due", slot: "a", number: 2, at: 1 };
    const again = moveSlot(failed?.next as SlotState, due, context);
    expect(again?.effects).toMatchObject([{ type: "start_child", number: 2 }]);
    const gaveUp = moveSlot(again?.next as SlotState, childEnded("a", 2, "timed_out"), context);
    expect(gaveUp?.next.phase).toBe("timed_out");
  });
});
