import type { StepDefinition, WorkflowDefinition } from "../definitions/index.ts";
import { planOf } from "./plan.ts";
import { slotKey, undoKey } from "./slots/slot-key.ts";
import type { RunState, SlotState } from "./state.ts";

/** An attempt within its run, by its slot's name and its number; its timer or child run goes by the same. */
export interface AttemptPlace {
  readonly slot: string;
  readonly number: number;
}

/** The attempts of a run that are under way: those that wait for a worker, and those that one has. */
export function openAttempts(workflow: WorkflowDefinition, state: RunState): AttemptPlace[] {
  const { steps } = planOf(workflow);
  return Object.entries(state.steps).flatMap(([id, { slots }]) =>
    slots.flatMap((slot, index) => {
      const key = slotKey(steps.get(id) as StepDefinition, index);
      const undo = slot.undo === undefined ? [] : openIn(slot.undo, undoKey(key));
      return [...openIn(slot, key), ...undo];
    }),
  );
}

function openIn({ phase, number }: SlotState, slot: string): AttemptPlace[] {
  return phase === "dispatched" || phase === "stopping" ? [{ slot, number }] : [];
}
