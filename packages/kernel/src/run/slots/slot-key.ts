import type { StepDefinition } from "../../definitions/index.ts";

/** The timer of a run's own `timeout`. No step can have this name. */
export const TIMEOUT_SLOT = "@timeout";

const UNDO = "~undo";
const TIME = "~time";

/** What a slot's name says. `index` is 0 for a plain step, else the place of the item or round. */
export interface SlotPlace {
  readonly step: string;
  readonly index: number;
  /** Whether it is what undoes the slot. */
  readonly isUndo: boolean;
  /** Whether it is the time of the question that it asks: a timer of its own, since one may delay the asking. */
  readonly isTime: boolean;
}

/** Whether a step has a slot for each of its items or rounds; a plain one has one. */
export function hasParts({ forEach, repeat }: Pick<StepDefinition, "forEach" | "repeat">): boolean {
  return forEach !== undefined || repeat !== undefined;
}

/** The name of a step's slot in rows and messages: `step`, or `step#index` for an item or round. */
export function slotKey(
  step: Pick<StepDefinition, "id" | "forEach" | "repeat">,
  index: number,
): string {
  return hasParts(step) ? `${step.id}#${index}` : step.id;
}

/** The name of what undoes a slot: `step~undo`, `step#index~undo`. */
export function undoKey(slot: string): string {
  return slot + UNDO;
}

/** The name of the time of what a slot asks: `step~time`, `step#index~undo~time`. */
export function timeKey(slot: string): string {
  return slot + TIME;
}

/** Whether the slot is of an item or a round. */
export function hasIndex(key: string): boolean {
  return key.includes("#");
}

export function parseSlotKey(key: string): SlotPlace {
  const isTime = key.endsWith(TIME);
  const named = isTime ? key.slice(0, -TIME.length) : key;
  const isUndo = named.endsWith(UNDO);
  const slot = isUndo ? named.slice(0, -UNDO.length) : named;
  const at = slot.lastIndexOf("#");
  return at < 0
    ? { step: slot, index: 0, isUndo, isTime }
    : { step: slot.slice(0, at), index: Number(slot.slice(at + 1)), isUndo, isTime };
}
