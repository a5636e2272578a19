import type { WorkError } from "@yardmaster/protocol";
import type { StepDefinition } from "../../definitions/index.ts";
import type { Draft } from "../draft.ts";
import { slotScope } from "../scope.ts";
import { isSlotFinal } from "../slots/slot.machine.ts";
import { parseSlotKey, slotKey, undoKey } from "../slots/slot-key.ts";
import type { SlotState, StepState } from "../state.ts";
import { unclean } from "./end-step.ts";
import { opened } from "./open-slots.ts";

/** Remembers a slot that has succeeded, where its step says how it is undone. What cleans up is not undone. */
export function noteUndoable(step: StepDefinition, draft: Draft, index: number): void {
  if (step.undo === undefined || draft.state.section !== "steps") return;
  draft.state.undoable = [...draft.state.undoable, slotKey(step, index)];
}

/**
 * Undoes what succeeded, the last first and one after the other: what was built on something is gone before that goes.
 * One that fails is noted, and the rest goes on. True when all is done.
 */
export function moveUndo(draft: Draft): boolean {
  for (;;) {
    const key = draft.state.undoable.at(-1);
    if (key === undefined) return true;
    const undo = slotOf(draft, key).undo ?? openUndo(draft, key);
    if (!isSlotFinal(undo)) return false;
    if (undo.phase !== "success") unclean(draft, `undo of "${key}"`, undo.error as WorkError);
    draft.state.undoable = draft.state.undoable.slice(0, -1);
  }
}

function slotOf(draft: Draft, key: string): SlotState {
  const { step, index } = parseSlotKey(key);
  return (draft.state.steps[step] as StepState).slots[index] as SlotState;
}

/** Its expressions see what the slot's own saw, and the slot's `output`. */
function openUndo(draft: Draft, key: string): SlotState {
  const { step: id, index } = parseSlotKey(key);
  const step = draft.plan.steps.get(id) as StepDefinition;
  const state = draft.touch(id);
  const slot = state.slots[index] as SlotState;
  const scope = {
    ...slotScope(draft.scope(), step, state.items, index),
    output: slot.output ?? null,
  };
  const undo = opened(step.undo as StepDefinition, undoKey(key), draft, scope, 0);
  state.slots[index] = { ...slot, undo };
  return undo;
}
