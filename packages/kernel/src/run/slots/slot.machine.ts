import type { Json, StepFile } from "@yardmaster/protocol";
import type { AttemptEnded, ChildEnded, InquiryAnswered, TimerDue } from "../events.ts";
import type { SlotPhase, SlotState } from "../state.ts";
import { afterEnd, again, fail, record, succeed } from "./ends.ts";
import { endAskTime, takeAnswer, takeDecision, withdraw } from "./questions.ts";
import { askAboutLoss, delay, type SlotContext, type SlotMove, start } from "./start-attempt.ts";

/** Losses in a row after which a slot fails with `worker_lost`. */
export const MAX_LOSSES_IN_ROW = 3;

export interface Open {
  readonly type: "open";
  readonly input: Json;
  readonly filesIn?: readonly StepFile[];
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly target?: string;
  /** Before the first attempt. */
  readonly delayMs?: number;
}
export interface StopSlot {
  readonly type: "stop";
}
export type SlotEvent = Open | AttemptEnded | TimerDue | ChildEnded | InquiryAnswered | StopSlot;

type Handler<E extends SlotEvent> = (slot: SlotState, event: E, context: SlotContext) => SlotMove;
type Row = { readonly [T in SlotEvent["type"]]: Handler<Extract<SlotEvent, { type: T }>> };

const late = (): SlotMove => undefined;
const FINAL: Row = {
  open: late,
  attempt_ended: late,
  timer_due: late,
  child_ended: late,
  inquiry_answered: late,
  stop: late,
};

/** Who leaves each phase and how. A missing pair does not compile. */
const TABLE: { readonly [P in SlotPhase]: Row } = {
  idle: {
    open,
    attempt_ended: late,
    timer_due: late,
    child_ended: late,
    inquiry_answered: late,
    stop: cancel,
  },
  delayed: {
    open: late,
    attempt_ended: late,
    timer_due: endDelay,
    child_ended: late,
    inquiry_answered: late,
    stop: stopTimer,
  },
  dispatched: {
    open: late,
    attempt_ended: endAttempt,
    timer_due: late,
    child_ended: late,
    inquiry_answered: late,
    stop: askToStop,
  },
  timing: {
    open: late,
    attempt_ended: late,
    timer_due: endTimer,
    child_ended: late,
    inquiry_answered: late,
    stop: stopTimer,
  },
  calling: {
    open: late,
    attempt_ended: late,
    timer_due: late,
    child_ended: endChild,
    inquiry_answered: late,
    stop: askChildToStop,
  },
  asking: {
    open: late,
    attempt_ended: late,
    timer_due: endAskTime,
    child_ended: late,
    inquiry_answered: takeAnswer,
    stop: withdraw,
  },
  deciding: {
    open: late,
    attempt_ended: late,
    timer_due: late,
    child_ended: late,
    inquiry_answered: takeDecision,
    stop: withdraw,
  },
  stopping: {
    open: late,
    attempt_ended: endStopped,
    timer_due: late,
    child_ended: late,
    inquiry_answered: late,
    stop: late,
  },
  stopping_child: {
    open: late,
    attempt_ended: late,
    timer_due: late,
    child_ended: endStopped,
    inquiry_answered: late,
    stop: late,
  },
  success: FINAL,
  failed: FINAL,
  timed_out: FINAL,
  canceled: FINAL,
};

export const IDLE_SLOT: SlotState = {
  phase: "idle",
  number: 0,
  tries: 0,
  lostInRow: 0,
  attempts: [],
};

export function moveSlot(slot: SlotState, event: SlotEvent, context: SlotContext): SlotMove {
  const handler = TABLE[slot.phase][event.type] as Handler<SlotEvent>;
  return handler(slot, event, context);
}

export function isSlotFinal(slot: SlotState): boolean {
  return TABLE[slot.phase] === FINAL;
}

function open(slot: SlotState, event: Open, context: SlotContext): SlotMove {
  const opened: SlotState = {
    ...slot,
    number: 1,
    input: event.input,
    ...(event.filesIn === undefined ? {} : { filesIn: event.filesIn }),
    ...(event.key === undefined ? {} : { key: event.key }),
    ...(event.target === undefined ? {} : { target: event.target }),
    ...(event.idempotencyKey === undefined ? {} : { idempotencyKey: event.idempotencyKey }),
  };
  const delayMs = event.delayMs ?? 0;
  // What waits for its own time waits for both in one timer.
  if (context.step.action.runner.kind === "timer") return start(opened, context, delayMs);
  return delayMs > 0 ? delay(opened, context, delayMs) : start(opened, context, 0);
}

function endDelay(slot: SlotState, event: TimerDue, context: SlotContext): SlotMove {
  if (event.number !== slot.number || event.slot !== context.slot) return undefined;
  return context.starts ? start(slot, context, 0) : cancel(slot);
}

function endAttempt(slot: SlotState, event: AttemptEnded, context: SlotContext): SlotMove {
  if (event.number !== slot.number) return undefined;
  const ended = record(slot, event);
  return event.status === "lost"
    ? afterLoss(ended, event, context)
    : afterEnd(ended, { ...event, status: event.status }, context);
}

function endChild(slot: SlotState, event: ChildEnded, context: SlotContext): SlotMove {
  if (event.number !== slot.number) return undefined;
  return afterEnd(record(slot, event), event, context);
}

function afterLoss(slot: SlotState, event: AttemptEnded, context: SlotContext): SlotMove {
  if (slot.lostInRow >= MAX_LOSSES_IN_ROW) {
    const message = `attempt ${slot.number} and the ${MAX_LOSSES_IN_ROW - 1} before it were lost with their workers`;
    return { next: fail(slot, "failed", { code: "worker_lost", message }), effects: [] };
  }
  if (!context.starts) return { next: fail(slot, "canceled", undefined), effects: [] };
  // Of what cannot have done anything there is nothing to be decided.
  return context.step.action.asksOnLost && event.begun !== false
    ? askAboutLoss({ ...slot, number: slot.number + 1 }, context)
    : again(slot, context, 0);
}

function endStopped(slot: SlotState, event: AttemptEnded | ChildEnded): SlotMove {
  if (event.number !== slot.number) return undefined;
  const ended = record(slot, event);
  if (event.status === "success") return { next: succeed(ended, event), effects: [] };
  // Why it was lost is not why it was stopped.
  if (event.status === "lost") return { next: fail(ended, "canceled", undefined), effects: [] };
  return { next: fail(ended, event.status, event.error), effects: [] };
}

function endTimer(slot: SlotState, event: TimerDue, context: SlotContext): SlotMove {
  if (event.number !== slot.number || event.slot !== context.slot) return undefined;
  return { next: succeed(slot, {}), effects: [] };
}

function askToStop(slot: SlotState, _event: StopSlot, context: SlotContext): SlotMove {
  return {
    next: { ...slot, phase: "stopping" },
    effects: [{ type: "stop", slot: context.slot, number: slot.number }],
  };
}

function askChildToStop(slot: SlotState, _event: StopSlot, context: SlotContext): SlotMove {
  return {
    next: { ...slot, phase: "stopping_child" },
    effects: [{ type: "stop_child", slot: context.slot, number: slot.number }],
  };
}

function stopTimer(slot: SlotState, _event: StopSlot, context: SlotContext): SlotMove {
  return {
    next: fail(slot, "canceled", undefined),
    effects: [{ type: "stop", slot: context.slot, number: slot.number }],
  };
}

function cancel(slot: SlotState): SlotMove {
  return { next: fail(slot, "canceled", undefined), effects: [] };
}
