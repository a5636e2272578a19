import type { Json } from "@yardmaster/protocol";
import type { StepDefinition } from "../../definitions/index.ts";
import { IDLE_SLOT } from "../slots/slot.machine.ts";
import type { SlotState, StepState } from "../state.ts";
import { digest } from "./digest.ts";
import type { ReusedPart, ReusedParts } from "./reused.ts";

/** What an item or a round works on. */
type Work = Pick<SlotState, "input" | "filesIn" | "target">;

/** Tells whether an item or a round works on the same as before: its value, what it is called with, its files, and where. */
export function sealOf(item: Json | undefined, { input, filesIn, target }: Work): string {
  return digest(JSON.stringify([item ?? null, input ?? null, filesIn ?? [], target ?? null]));
}

/**
 * What succeeded of a step that is done again. Rounds only where the last of them did not: what each began with is what
 * the one before it left. Where they ended with their number, all of them would only end so again.
 */
export function reusableParts(step: StepDefinition, state: StepState): ReusedParts | undefined {
  // Of what was taken over as a whole it is not known what its items worked on.
  if (state.reused === true) return undefined;
  const { items, slots } = state;
  if (items === undefined && step.repeat === undefined) return undefined;
  if (step.repeat !== undefined && slots.at(-1)?.phase === "success") return undefined;
  const parts: { [index: string]: ReusedPart } = {};
  for (const [index, slot] of slots.entries()) {
    if (slot.phase !== "success" || slot.undo !== undefined) continue;
    const files = slot.files === undefined ? {} : { files: slot.files };
    parts[index] = { seal: sealOf(items?.[index], slot), output: slot.output ?? null, ...files };
  }
  return Object.keys(parts).length === 0 ? undefined : parts;
}

/** The slot of an item or a round that works on the same as the one before; undefined where it is to be done again. */
export function takenPart(
  part: ReusedPart | undefined,
  item: Json | undefined,
  work: Work,
): SlotState | undefined {
  if (part === undefined || part.seal !== sealOf(item, work)) return undefined;
  const { input, filesIn } = work;
  const { output, files } = part;
  return {
    ...IDLE_SLOT,
    phase: "success",
    reused: true,
    ...(input === undefined ? {} : { input }),
    ...(filesIn === undefined ? {} : { filesIn }),
    output,
    ...(files === undefined ? {} : { files }),
  };
}
