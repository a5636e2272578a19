import { isFinal, type Json, type StepStatus } from "@yardmaster/protocol";
import type { Scope } from "../expressions/index.ts";
import type { RunState, SlotState, StepState } from "./state.ts";

/** What the expressions of a run see: `input`, `run`, and every final step under `steps`. */
export function runScope(state: RunState): Scope {
  const steps: { [id: string]: unknown } = {};
  for (const id in state.steps) {
    const step = state.steps[id] as StepState;
    if (isFinal(step.phase as StepStatus)) steps[id] = stepView(step);
  }
  return { input: state.input, run: state.facts, steps };
}

export function itemScope(base: Scope, item: Json, index: number): Scope {
  return { ...base, item, index };
}

function stepView(step: StepState): { [key: string]: unknown } {
  const view: { [key: string]: unknown } = { status: step.phase };
  if (step.output !== undefined) view["output"] = step.output;
  if (step.error !== undefined) view["error"] = step.error;
  if (step.items !== undefined) view["items"] = step.slots.map(itemView);
  return view;
}

function itemView(slot: SlotState): { [key: string]: unknown } {
  return { status: slot.phase, output: slot.output ?? null, error: slot.error ?? null };
}
