import type { Step, StepItem } from "@yardmaster/protocol";
import type { Json, WorkError } from "@yardmaster/protocol/core";

/** The items of a for_each, or the rounds of a repeat. */
export function partsOf(step: Step): readonly StepItem[] | null {
  return step.items ?? step.rounds ?? null;
}

export interface SlotValues {
  readonly input: Json | undefined;
  readonly output: Json;
  readonly error: WorkError | null;
  /** The run that it was, where it called a workflow. */
  readonly run: string | undefined;
}

/** What went into a step (`greet`) or an item or round of one (`each#3`), and what came out. */
export function findSlot(steps: readonly Step[], slot: string): SlotValues | undefined {
  const [id, index] = slot.split("#");
  const step = steps.find((one) => one.id === id);
  if (step === undefined || index === undefined) return step && valuesOf(step, step.input);
  const item = partsOf(step)?.find((one) => one.index === Number(index));
  // An item's input is not told by the API.
  return item && valuesOf(item, undefined);
}

function valuesOf(
  from: Pick<Step, "output" | "error" | "attempts">,
  input: Json | undefined,
): SlotValues {
  return {
    input,
    output: from.output,
    error: from.error as WorkError | null,
    run: from.attempts.at(-1)?.run,
  };
}
