import { type Json, parseDuration, type WorkError } from "@yardmaster/protocol";
import { retryDelayMs, type StepDefinition } from "../definitions/index.ts";
import type { Effect } from "./effects.ts";
import type { AttemptEnded, TimerDue } from "./events.ts";
import type { AttemptRecord, SlotPhase, SlotState } from "./state.ts";

/** Losses in a row after which a slot fails with `worker_lost` (design §6.5). */
export const MAX_LOSSES_IN_ROW = 3;

export interface Open {
  readonly type: "open";
  readonly input: Json;
  readonly key?: string;
}
export interface StopSlot {
  readonly type: "stop";
}
export type SlotEvent = Open | AttemptEnded | TimerDue | StopSlot;

export interface SlotContext {
  readonly step: StepDefinition;
  readonly slot: string;
  /** Whether the run still starts work; when not, nothing is tried again. */
  readonly starts: boolean;
}

/** The slot's next state with what to do about it, or undefined: the event comes too late and changes nothing. */
export type SlotMove =
  | { readonly next: SlotState; readonly effects: readonly Effect[] }
  | undefined;

type Handler<E extends SlotEvent> = (slot: SlotState, event: E, context: SlotContext) => SlotMove;
type Row = { readonly [T in SlotEvent["type"]]: Handler<Extract<SlotEvent, { type: T }>> };

const late = (): SlotMove => undefined;
const FINAL: Row = { open: late, attempt_ended: late, timer_due: late, stop: late };

/** Who leaves each phase and how. A missing pair does not compile. */
const TABLE: { readonly [P in SlotPhase]: Row } = {
  idle: { open, attempt_ended: late, timer_due: late, stop: cancel },
  dispatched: { open: late, attempt_ended: endAttempt, timer_due: late, stop: askToStop },
  timing: { open: late, attempt_ended: late, timer_due: endTimer, stop: stopTimer },
  stopping: { open: late, attempt_ended: endStopped, timer_due: late, stop: late },
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
    ...(event.key === undefined ? {} : { key: event.key }),
    phase: context.step.action.runner.kind === "timer" ? "timing" : "dispatched",
  };
  return { next: opened, effects: [start(opened, context, 0)] };
}

function start(slot: SlotState, context: SlotContext, delayMs: number): Effect {
  const { step } = context;
  if (step.action.runner.kind === "timer") {
    return {
      type: "start_timer",
      slot: context.slot,
      number: slot.number,
      delayMs: sleepMs(slot.input),
    };
  }
  return {
    type: "dispatch",
    slot: context.slot,
    number: slot.number,
    step,
    input: slot.input ?? null,
    ...(slot.key === undefined ? {} : { key: slot.key }),
    delayMs,
  };
}

/** The schema of `core.sleep` has checked the duration before a slot opens. */
function sleepMs(input: Json | undefined): number {
  const duration = (input as { duration?: string } | undefined)?.duration ?? "0s";
  return parseDuration(duration) ?? 0;
}

function endAttempt(slot: SlotState, event: AttemptEnded, context: SlotContext): SlotMove {
  if (event.number !== slot.number) return undefined;
  const ended = record(slot, event);
  if (event.status === "success")
    return { next: { ...ended, phase: "success", output: event.output ?? null }, effects: [] };
  if (event.status === "lost") return afterLoss(ended, context);
  if (event.status === "canceled")
    return { next: fail(ended, "canceled", event.error), effects: [] };
  const policy = context.step.retry;
  if (!context.starts || ended.tries >= policy.attempts || event.error?.code === "invalid_input") {
    return { next: fail(ended, event.status, event.error), effects: [] };
  }
  return again(ended, context, retryDelayMs(policy, ended.tries, event.random));
}

function afterLoss(slot: SlotState, context: SlotContext): SlotMove {
  if (slot.lostInRow >= MAX_LOSSES_IN_ROW) {
    const message = `attempt ${slot.number} and the ${MAX_LOSSES_IN_ROW - 1} before it were lost with their workers`;
    return { next: fail(slot, "failed", { code: "worker_lost", message }), effects: [] };
  }
  if (!context.starts) return { next: fail(slot, "canceled", undefined), effects: [] };
  return again(slot, context, 0);
}

function again(slot: SlotState, context: SlotContext, delayMs: number): SlotMove {
  const next: SlotState = { ...slot, number: slot.number + 1, phase: "dispatched" };
  return { next, effects: [start(next, context, delayMs)] };
}

function endStopped(slot: SlotState, event: AttemptEnded): SlotMove {
  if (event.number !== slot.number) return undefined;
  const ended = record(slot, event);
  if (event.status === "success")
    return { next: { ...ended, phase: "success", output: event.output ?? null }, effects: [] };
  const status = event.status === "lost" ? "canceled" : event.status;
  return { next: fail(ended, status, event.error), effects: [] };
}

function endTimer(slot: SlotState, event: TimerDue): SlotMove {
  if (event.number !== slot.number) return undefined;
  return { next: { ...slot, phase: "success", output: null }, effects: [] };
}

function askToStop(slot: SlotState, _event: StopSlot, context: SlotContext): SlotMove {
  return {
    next: { ...slot, phase: "stopping" },
    effects: [{ type: "stop", slot: context.slot, number: slot.number }],
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

function fail(
  slot: SlotState,
  phase: "failed" | "timed_out" | "canceled",
  error: WorkError | undefined,
): SlotState {
  return {
    ...slot,
    phase,
    error: error ?? { code: phase === "failed" ? "action_failed" : phase, message: phase },
  };
}

function record(slot: SlotState, event: AttemptEnded): SlotState {
  const attempt: AttemptRecord = {
    number: event.number,
    status: event.status,
    endedAt: event.at,
    ...(event.startedAt === undefined ? {} : { startedAt: event.startedAt }),
    ...(event.worker === undefined ? {} : { worker: event.worker }),
    ...(event.error === undefined ? {} : { error: event.error }),
  };
  const lost = event.status === "lost";
  return {
    ...slot,
    attempts: [...slot.attempts, attempt],
    tries: slot.tries + (lost ? 0 : 1),
    lostInRow: lost ? slot.lostInRow + (event.givenBack ? 0 : 1) : 0,
  };
}
