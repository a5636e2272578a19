import { describe, expect, it } from "vitest";
import { IDLE_SLOT, moveSlot, type SlotContext, type SlotEvent } from "./slot.machine.ts";
import { SLOT_PHASES, type SlotPhase, type SlotState } from "./state.ts";
import { ended, SLEEP, workflow } from "./testing/build.ts";

const STEP = workflow({ a: {} }).steps[0] as SlotContext["step"];
const NAP = workflow({ a: { action: SLEEP } }).steps[0] as SlotContext["step"];
const AT: SlotContext = { step: STEP, slot: "a", starts: true };

const EVENTS: { readonly [name: string]: SlotEvent } = {
  open: { type: "open", input: {} },
  success: ended("a", 1),
  failed: ended("a", 1, "failed"),
  timed_out: ended("a", 1, "timed_out"),
  canceled: ended("a", 1, "canceled"),
  lost: ended("a", 1, "lost"),
  due: { type: "timer_due", slot: "a", number: 1, at: 1 },
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
  stopping: {
    success: "success",
    failed: "failed",
    timed_out: "timed_out",
    canceled: "canceled",
    lost: "canceled",
  },
  success: {},
  failed: {},
  timed_out: {},
  canceled: {},
};

function slotIn(phase: SlotPhase): SlotState {
  return { ...IDLE_SLOT, phase, number: phase === "idle" ? 0 : 1 };
}

describe("a slot", () => {
  const pairs = SLOT_PHASES.flatMap((phase) =>
    Object.keys(EVENTS).map((event) => [phase, event, MOVES[phase][event]] as const),
  );

  it.each(pairs)("that is %s becomes, on %s, %s", (phase, event, next) => {
    const slot = Object.freeze(slotIn(phase));
    expect(moveSlot(slot, EVENTS[event] as SlotEvent, AT)?.next.phase).toBe(next);
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
});
