import type { StepFile } from "@yardmaster/protocol";
import { givesFiles, type StepDefinition } from "../../definitions/index.ts";
import type { Draft, StepDraft } from "../draft.ts";
import { jsonChars } from "../results-bound.ts";
import { IDLE_SLOT } from "../slots/slot.machine.ts";
import type { SlotState } from "../state.ts";
import { end, endBadly } from "../steps/end-step.ts";
import type { Reused, ReusedEnd, ReusedFailure } from "./reused.ts";

/**
 * Ends the steps that are taken over, in the order of the file: each stands after those it needs. Those of which there
 * are parts find them when they open.
 */
export function takeOver(draft: Draft, reused: Reused): void {
  if (draft.state.phase !== "running") return;
  for (const step of draft.plan.lists.steps) {
    const failure = reused.failures?.[step.id];
    const parts = reused.parts?.[step.id];
    if (step.id in reused.outputs) takeSuccess(step, draft, reused);
    else if (failure !== undefined) takeFailure(step, draft, failure);
    else if (parts !== undefined) draft.touch(step.id).reusable = parts;
  }
}

function takeSuccess(step: StepDefinition, draft: Draft, reused: Reused): void {
  const output = reused.outputs[step.id] ?? null;
  const files = reused.files?.[step.id];
  const state = taken(draft, step);
  state.output = output;
  draft.state.resultBytes += jsonChars(output);
  if (files !== undefined) state.files = files;
  if (step.forEach !== undefined && Array.isArray(output)) {
    const filesOf = (files ?? []) as readonly (readonly StepFile[])[];
    takeItems(
      state,
      output.map((each, index) => ({
        status: "success",
        output: each,
        ...(filesOf[index] === undefined ? {} : { files: filesOf[index] }),
      })),
    );
  }
  end(step, draft, state, "success");
}

function takeFailure(step: StepDefinition, draft: Draft, failure: ReusedFailure): void {
  const { status, error, output, files, items } = failure;
  const state = taken(draft, step);
  if (output !== undefined) state.output = output;
  if (files !== undefined) state.files = files;
  if (items !== undefined) {
    takeItems(state, items);
    state.output = items.map((item) => item.output ?? null);
    if (givesFiles(step.action)) state.files = items.map((item) => item.files ?? []);
  }
  draft.state.resultBytes += jsonChars(state.output ?? null);
  endBadly(step, draft, state, error, status);
}

function taken(draft: Draft, step: StepDefinition): StepDraft {
  const state = draft.touch(step.id);
  state.reused = true;
  return state;
}

/** What the items worked on is not taken over, but how each of them ended is. */
function takeItems(state: StepDraft, ends: readonly ReusedEnd[]): void {
  state.items = ends.map(() => null);
  state.next = ends.length;
  state.slots = ends.map(
    ({ status, ...how }): SlotState => ({ ...IDLE_SLOT, phase: status, ...how }),
  );
}
