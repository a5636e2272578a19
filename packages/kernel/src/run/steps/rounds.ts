import type { WorkError } from "@yardmaster/protocol";
import type { StepDefinition } from "../../definitions/index.ts";
import type { Draft, StepDraft } from "../draft.ts";
import { roundView } from "../scope.ts";
import { IDLE_SLOT } from "../slots/slot.machine.ts";
import { isStarting, type SlotState } from "../state.ts";
import { expressionError, openSlot } from "./open-slots.ts";

/**
 * When a round of a `repeat` has succeeded: opens the next, unless `until` holds, and goes on behind those that are
 * taken over. In a run that starts nothing new the next is there and canceled, so that the step does not pass for done.
 * Gives what fails the step.
 */
export function nextRound(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
): WorkError | undefined {
  const { repeat } = step;
  if (repeat === undefined) return undefined;
  while (state.open === 0) {
    const rounds = state.slots.length;
    const last = state.slots[rounds - 1] as SlotState;
    if (last.phase !== "success") return undefined;
    draft.see(step.id, roundView(last.output));
    const until = repeat.until.evaluate({ ...draft.scope(), round: rounds });
    if (!until.ok) return expressionError("until", until);
    if (until.value === true) return undefined;
    if (rounds >= repeat.max) {
      const message = `until does not hold after ${rounds} rounds, the most that this repeat allows`;
      return { code: "limit_exceeded", message };
    }
    state.next = rounds + 1;
    // The time between two rounds has passed since the one that is taken over.
    const delayMs = last.reused === true ? 0 : repeat.delayMs;
    if (isStarting(draft.state.phase)) openSlot(step, draft, state, rounds, draft.scope(), delayMs);
    else state.slots.push({ ...IDLE_SLOT, phase: "canceled" });
  }
  return undefined;
}
