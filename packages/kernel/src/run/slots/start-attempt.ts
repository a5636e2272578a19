import { type Json, parseDuration } from "@yardmaster/protocol";
import {
  lostQuestion,
  type Question,
  readQuestion,
  type StepDefinition,
} from "../../definitions/index.ts";
import type { Effect } from "../effects.ts";
import type { SlotState } from "../state.ts";
import { timeKey } from "./slot-key.ts";

export interface SlotContext {
  readonly step: StepDefinition;
  readonly slot: string;
  /** Id of the run. */
  readonly run: string;
  /** Of a for_each, as far as it is at hand. */
  readonly item?: Json | undefined;
  /** Whether the run still starts work; when not, nothing is tried again. */
  readonly starts: boolean;
  /** When that is decided. Unix milliseconds. */
  readonly at: number;
}

/** The slot's next state with what to do about it, or undefined: the event comes too late and changes nothing. */
export type SlotMove =
  | { readonly next: SlotState; readonly effects: readonly Effect[] }
  | undefined;

/** A timer row of the attempt's own number: it is gone when the attempt starts. */
export function delay(slot: SlotState, context: SlotContext, delayMs: number): SlotMove {
  const { number } = slot;
  return {
    next: { ...slot, phase: "delayed" },
    effects: [{ type: "start_timer", slot: context.slot, number, delayMs }],
  };
}

/** Starts the slot's newest attempt, in the way of its action, after the delay. */
export function start(slot: SlotState, context: SlotContext, delayMs: number): SlotMove {
  const { step, slot: name } = context;
  const { number } = slot;
  const input = slot.input ?? null;
  switch (step.action.runner.kind) {
    case "timer":
      return {
        next: { ...slot, phase: "timing" },
        effects: [
          { type: "start_timer", slot: name, number, delayMs: delayMs + sleepMs(slot.input) },
        ],
      };
    case "workflow":
      if (delayMs > 0) return delay(slot, context, delayMs);
      return {
        next: { ...slot, phase: "calling" },
        effects: [{ type: "start_child", slot: name, number, ref: step.action.ref, input }],
      };
    case "ask":
      if (delayMs > 0) return delay(slot, context, delayMs);
      return ask(slot, context, "asking", questionOf(slot.input));
    default: {
      const key = slot.key === undefined ? {} : { key: slot.key };
      const target = slot.target === undefined ? {} : { target: slot.target };
      const { idempotencyKey } = slot;
      const files = slot.filesIn === undefined ? {} : { files: slot.filesIn };
      return {
        next: { ...slot, phase: "dispatched" },
        effects: [
          {
            type: "dispatch",
            slot: name,
            number,
            step,
            input,
            ...files,
            ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
            ...key,
            ...target,
            delayMs,
          },
        ],
      };
    }
  }
}

/** Before the newest attempt: what is to be done about the one before it, whose worker died. */
export function askAboutLoss(slot: SlotState, context: SlotContext): SlotMove {
  const { step, slot: name, run, item } = context;
  const question = lostQuestion({
    ...{ slot: name, number: slot.number - 1, action: step.action, item },
    input: slot.input ?? null,
    idempotencyKey: slot.idempotencyKey ?? `${run}/${name}`,
  });
  return ask(slot, context, "deciding", question);
}

/** Opens the inquiry of the slot's newest attempt, with a timer where it has a time. */
function ask(
  slot: SlotState,
  { slot: name, at }: SlotContext,
  phase: "asking" | "deciding",
  question: Question,
): SlotMove {
  const { number } = slot;
  const { timeoutMs } = question;
  const asked = { type: "ask", slot: name, number, question } as const;
  const delayMs = timeoutMs ?? 0;
  const timed = { type: "start_timer", slot: timeKey(name), number, delayMs } as const;
  return {
    next: { ...slot, phase, askedAt: at },
    effects: timeoutMs === undefined ? [asked] : [asked, timed],
  };
}

/** Of an input that was found to be a question before its slot opened. */
export function questionOf(input: Json | undefined): Question {
  const read = readQuestion(input ?? {});
  if (!read.ok) throw new Error("a slot asks what is a question (q5x1)");
  return read.question;
}

/** The schema of `core.sleep` has checked the duration before a slot opens. */
function sleepMs(input: Json | undefined): number {
  const duration = (input as { duration?: string } | undefined)?.duration ?? "0s";
  return parseDuration(duration) ?? 0;
}
