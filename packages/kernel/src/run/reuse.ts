import type { Json, StepFile } from "@yardmaster/protocol";
import type { WorkflowDefinition } from "../definitions/index.ts";
import type { Draft } from "./draft.ts";
import { jsonChars } from "./results-bound.ts";
import { IDLE_SLOT } from "./slots/slot.machine.ts";
import type { RunState, StepState } from "./state.ts";
import { end } from "./steps/end-step.ts";

/** The results of the steps whose success a new try of a run takes over, by step. */
export interface Reused {
  readonly outputs: { readonly [step: string]: Json };
  /** Of those that handed files back. */
  readonly files?: { readonly [step: string]: NonNullable<StepState["files"]> };
}

export const NOTHING_REUSED: Reused = { outputs: {} };

/**
 * What a new try of an ended run may take over: steps that succeeded and were not undone, where everything before
 * them is taken over too or was skipped; with `from`, nothing of that step and what comes after it.
 */
export function reusableSteps(
  workflow: WorkflowDefinition,
  state: RunState,
  from?: string,
): Reused {
  const settled = new Set<string>();
  const outputs: { [step: string]: Json } = {};
  const files: { [step: string]: NonNullable<StepState["files"]> } = {};
  for (const step of workflow.steps) {
    const own = state.steps[step.id];
    if (own === undefined || step.id === from) continue;
    if (!step.needs.every((id) => settled.has(id))) continue;
    if (own.phase === "skipped") settled.add(step.id);
    if (own.phase !== "success" || isUndone(own)) continue;
    settled.add(step.id);
    outputs[step.id] = own.output ?? null;
    if (own.files !== undefined) files[step.id] = own.files;
  }
  return Object.keys(files).length === 0 ? { outputs } : { outputs, files };
}

function isUndone({ slots }: StepState): boolean {
  return slots.some(({ undo }) => undo !== undefined);
}

/** Ends the steps that are taken over, in the order of the file: each stands after those it needs. */
export function takeOver(draft: Draft, reused: Reused): void {
  if (draft.state.phase !== "running") return;
  for (const step of draft.plan.lists.steps) {
    const output = reused.outputs[step.id];
    if (output === undefined) continue;
    const files = reused.files?.[step.id];
    const state = draft.touch(step.id);
    state.output = output;
    draft.state.resultBytes += jsonChars(output);
    if (files !== undefined) state.files = files;
    state.reused = true;
    if (step.forEach !== undefined && Array.isArray(output)) {
      // What its items worked on is not taken over, but that all of them succeeded is.
      state.items = output.map(() => null);
      const filesOf = (files ?? []) as readonly (readonly StepFile[])[];
      state.slots = output.map((each, index) => ({
        ...IDLE_SLOT,
        phase: "success",
        output: each,
        ...(filesOf[index] === undefined ? {} : { files: filesOf[index] }),
      }));
    }
    end(step, draft, state, "success");
  }
}
