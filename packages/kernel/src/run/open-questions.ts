import type { AttemptPlace } from "./open-attempts.ts";
import { parseSlotKey } from "./slots/slot-key.ts";
import type { RunState, SlotPhase } from "./state.ts";

/** Phases in which the question of the newest attempt is open, or may be still. */
const BEFORE_END: readonly SlotPhase[] = ["idle", "delayed", "asking", "deciding"];

/**
 * Whether the question of an attempt is over in this state, and so in every later one: numbers only grow, and an
 * attempt asks once. One that this state does not know of yet is not.
 */
export function isQuestionOver(state: RunState, { slot: name, number }: AttemptPlace): boolean {
  const { step, index, isUndo } = parseSlotKey(name);
  const plain = state.steps[step]?.slots[index];
  const slot = isUndo ? plain?.undo : plain;
  if (slot === undefined) return false;
  return slot.number > number || (slot.number === number && !BEFORE_END.includes(slot.phase));
}
