import type { Json, WorkError } from "@yardmaster/protocol";
import { readDecision } from "../../definitions/index.ts";
import type { Effect } from "../effects.ts";
import type { InquiryAnswered, TimerDue } from "../events.ts";
import type { SlotState } from "../state.ts";
import { afterEnd, fail, record, succeed } from "./ends.ts";
import { timeKey } from "./slot-key.ts";
import { questionOf, type SlotContext, type SlotMove, start } from "./start-attempt.ts";

/** A person has answered: that is the output. */
export function takeAnswer(
  slot: SlotState,
  event: InquiryAnswered,
  context: SlotContext,
): SlotMove {
  if (event.number !== slot.number) return undefined;
  const effects = closed(slot, context, "answered");
  const { answer, error } = event;
  if (error !== undefined) return ended(slot, event, "failed", error, effects);
  return { next: succeed(recorded(slot, event, "success"), { output: answer }), effects };
}

/** Nobody has answered in time: the default is the output, or the attempt has timed out. */
export function endAskTime(slot: SlotState, event: TimerDue, context: SlotContext): SlotMove {
  if (event.number !== slot.number || event.slot !== timeKey(context.slot)) return undefined;
  const { timeoutMs = 0, default: fallback } = questionOf(slot.input);
  const settled = settle(slot, context, "timed_out");
  if (fallback !== undefined)
    return {
      next: succeed(recorded(slot, event, "success"), { output: fallback }),
      effects: [settled],
    };
  const message = `nobody answered within ${timeoutMs / 1_000} s`;
  const error: WorkError = { code: "timed_out", message };
  const over = recorded(slot, event, "timed_out", error);
  // Nothing is drawn with a timer, and one question needs no spreading.
  const moved = afterEnd(over, { status: "timed_out", error, random: 0 }, context);
  return moved && { ...moved, effects: [settled, ...moved.effects] };
}

/** What a person says of an attempt whose worker died; the slot's number is that of the one after it. */
export function takeDecision(
  slot: SlotState,
  event: InquiryAnswered,
  context: SlotContext,
): SlotMove {
  if (event.number !== slot.number) return undefined;
  const effects = closed(slot, context, "answered");
  if (event.error !== undefined) return failed(slot, event.error, effects);
  const { decision, output } = readDecision(event.answer);
  if (decision === "repeat" && context.starts) {
    const moved = start(withoutTime(slot), context, 0);
    return moved && { ...moved, effects: [...effects, ...moved.effects] };
  }
  if (decision === "done") return done(slot, output, context, effects);
  const message = `attempt ${slot.number - 1} was lost with its worker, and ${event.by} decided that it failed`;
  return failed(slot, { code: "worker_lost", message }, effects);
}

function done(
  slot: SlotState,
  output: Json,
  { step }: SlotContext,
  effects: readonly Effect[],
): SlotMove {
  const checked = step.action.output?.validate(output);
  if (checked === undefined || checked.ok)
    return { next: succeed(withoutTime(slot), { output: checked?.value ?? output }), effects };
  const { path = "", message = "" } = checked.errors[0] ?? {};
  const told = `what it is said to have given is not what ${step.action.ref} declares: ${path} ${message}`;
  return failed(slot, { code: "invalid_output", message: told }, effects);
}

function failed(slot: SlotState, error: WorkError, effects: readonly Effect[]): SlotMove {
  return { next: fail(withoutTime(slot), "failed", error), effects };
}

/** Nobody need answer any more. */
export function withdraw(slot: SlotState, _event: unknown, context: SlotContext): SlotMove {
  const next = fail(withoutTime(slot), "canceled", undefined);
  return { next, effects: closed(slot, context, "canceled") };
}

function ended(
  slot: SlotState,
  event: InquiryAnswered,
  status: "failed",
  error: WorkError,
  effects: readonly Effect[],
): SlotMove {
  return { next: fail(recorded(slot, event, status, error), status, error), effects };
}

function recorded(
  slot: SlotState,
  { at }: { readonly at: number },
  status: "success" | "failed" | "timed_out",
  error?: WorkError,
): SlotState {
  const { number, askedAt } = slot;
  const startedAt = askedAt === undefined ? {} : { startedAt: askedAt };
  return record(withoutTime(slot), {
    ...{ number, status, at, ...startedAt },
    ...(error === undefined ? {} : { error }),
  });
}

function withoutTime({ askedAt: _, ...slot }: SlotState): SlotState {
  return slot;
}

type Settled = Extract<Effect, { type: "settle_inquiry" }>["status"];

function settle({ number }: SlotState, { slot }: SlotContext, status: Settled): Effect {
  return { type: "settle_inquiry", slot, number, status };
}

/** The inquiry is over before its time: the timer of that goes with it. */
function closed(slot: SlotState, context: SlotContext, status: Settled): readonly Effect[] {
  const settled = settle(slot, context, status);
  const isTimed = slot.phase === "asking" && questionOf(slot.input).timeoutMs !== undefined;
  const { number } = slot;
  return isTimed ? [settled, { type: "stop", slot: timeKey(context.slot), number }] : [settled];
}
