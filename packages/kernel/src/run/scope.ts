import type { Json } from "@yardmaster/protocol";
import type { StepDefinition } from "../definitions/index.ts";
import type { Scope } from "../expressions/index.ts";
import type { RunState, SlotState, StepState } from "./state.ts";

/** `run` for expressions: with its status and error as soon as it is decided how it ends. */
export function runView({ facts, outcome, error }: RunState): unknown {
  if (outcome === undefined) return facts;
  return { ...facts, status: outcome, ...(error === undefined ? {} : { error }) };
}

/** What the expressions of one slot see beside the run's: its item, or its round. */
export function slotScope(
  base: Scope,
  step: StepDefinition,
  items: readonly Json[] | undefined,
  index: number,
): Scope {
  if (items !== undefined) return { ...base, item: items[index], index };
  return step.repeat === undefined ? base : { ...base, round: index + 1 };
}

/** A final step, as `steps.<id>` shows it. */
export function stepView(step: StepState): { [key: string]: unknown } {
  const view: { [key: string]: unknown } = { status: step.phase };
  if (step.output !== undefined) view["output"] = step.output;
  if (step.files !== undefined) view["files"] = step.files;
  if (step.error !== undefined) view["error"] = step.error;
  if (step.items !== undefined) view["items"] = step.slots.map(itemView);
  return view;
}

/** A repeating step to itself: its latest output, which is not there before the first round has ended. */
export function roundView(output: Json | undefined): { [key: string]: unknown } {
  return output === undefined ? { status: "running" } : { status: "running", output };
}

function itemView(slot: SlotState): { [key: string]: unknown } {
  return { status: slot.phase, output: slot.output ?? null, error: slot.error ?? null };
}
